/** Who the pod is, for Microsoft Entra. */
import { ASSERTION } from "../../rig/key-vault.ts";
import { sendJson } from "../../rig/faulty-server.ts";
import { answer, type Row } from "../stage.ts";
import { entra, entraError, type AzureStage } from "./scene.ts";

/** One env var of Azure's webhook is another, or is not there. */
const env =
  (name: string, value?: string): Row<AzureStage>["arrange"] =>
  (stage) => {
    const { [name]: _replaced, ...rest } = stage.env;
    stage.env = value === undefined ? rest : { ...rest, [name]: value };
  };

export const IDENTITY: readonly Row<AzureStage>[] = [
  {
    when: "the container has no identity",
    arrange: (stage) => void (stage.env = {}),
    kind: "unauthenticated",
    message:
      /the container has no Azure identity: it has no token of its service account\. Fix: .*azure\.workload\.identity\/use/,
  },
  {
    when: "the container has a token and no client id",
    arrange: env("AZURE_CLIENT_ID"),
    kind: "unauthenticated",
    message: /the container has no Azure identity: it has no tenant and client id/,
  },
  {
    when: "the client id of the container is none",
    arrange: env("AZURE_CLIENT_ID", "reader"),
    kind: "wrong-request",
    message: /AZURE_CLIENT_ID of the container is not what it should be/,
  },
  {
    when: "the tenant of the container leaves its place",
    arrange: env("AZURE_TENANT_ID", "../common"),
    kind: "wrong-request",
    message: /AZURE_TENANT_ID of the container is not what it should be/,
  },
  {
    when: "the authority of the container is no address",
    arrange: env("AZURE_AUTHORITY_HOST", "login.microsoftonline.com"),
    kind: "wrong-request",
    message: /AZURE_AUTHORITY_HOST of the container is not what it should be/,
  },
  {
    when: "the authority would be asked in the clear",
    arrange: env("AZURE_AUTHORITY_HOST", "http://login.example.com"),
    kind: "wrong-request",
    message: /AZURE_AUTHORITY_HOST is not encrypted/,
  },
  {
    when: "the token of the service account is not mounted",
    arrange: (stage) => void (stage.files = {}),
    kind: "unauthenticated",
    message: /the token of the pod's identity cannot be had: there is no file/,
  },
  {
    when: "the token of the service account is empty",
    arrange: (stage) => {
      stage.files = Object.fromEntries(Object.keys(stage.files).map((path) => [path, "\n"]));
    },
    kind: "unauthenticated",
    message: /the token of the pod's identity cannot be had: its file is empty/,
  },
  {
    when: "the token of the service account has expired",
    arrange: (stage) => {
      stage.files = Object.fromEntries(Object.keys(stage.files).map((path) => [path, `${ASSERTION}.old`]));
    },
    kind: "unauthenticated",
    message: /the token of the service account does not hold now \(AADSTS700024, request 6f1c2a3b-/,
  },
  {
    when: "the clocks differ",
    arrange: (stage) => {
      stage.now = () => Date.now() - 7_200_000;
      return entraError(401, "invalid_client", 700_024)(stage);
    },
    kind: "unauthenticated",
    message: /does not hold now \(AADSTS700024, request [-\w]+\), and its clock is 120 minutes from the node's/,
  },
  {
    when: "no federated credential fits the service account",
    arrange: entraError(401, "invalid_client", 700_213),
    kind: "unauthenticated",
    message:
      /has no federated credential for the pod's service account \(AADSTS700213.* Fix: .*api:\/\/AzureADTokenExchange/,
  },
  {
    when: "there is no such application",
    arrange: env("AZURE_CLIENT_ID", "99999999-2222-3333-4444-555555555555"),
    kind: "unauthenticated",
    message: /the tenant has no such application or identity \(AADSTS700016/,
  },
  {
    when: "there is no such tenant",
    arrange: env("AZURE_TENANT_ID", "gone.example.com"),
    kind: "unauthenticated",
    message: /there is no such tenant \(AADSTS90002/,
  },
  {
    when: "the tenant knows no Key Vault",
    arrange: entraError(400, "invalid_resource", 500_011),
    kind: "unauthenticated",
    message: /the tenant knows no Key Vault of that cloud \(AADSTS500011/,
  },
  {
    when: "the login is refused for another reason",
    arrange: entraError(400, "invalid_grant", 53_003),
    kind: "unauthenticated",
    message: /Microsoft Entra refuses the login \(AADSTS53003/,
  },
  {
    when: "Entra is throttled",
    arrange: entra((response) => response.writeHead(429).end()),
    kind: "throttled",
    message: /the login of 11111111-[-\d]+ at "127\.0\.0\.1:\d+": Azure has had too many calls \(HTTP 429\)/,
  },
  {
    when: "Entra has a fault",
    arrange: entraError(503, "temporarily_unavailable", 90_033),
    kind: "unavailable",
    message: /Azure has a fault of its own \(AADSTS90033/,
  },
  {
    when: "Entra never answers",
    arrange: (stage) => entra(() => stage.expire())(stage),
    kind: "timeout",
    message: /in time/,
  },
  {
    when: "Entra cannot be reached",
    arrange: env("AZURE_AUTHORITY_HOST", "http://127.0.0.1:1"),
    kind: "unavailable",
    message: /ECONNREFUSED/,
  },
  {
    when: "a web page answers for Entra",
    arrange: entra((response) => response.end("<html>log in</html>")),
    kind: "invalid-answer",
    message: /the answer holds no access token/,
  },
  {
    when: "a web page says that there is no Entra",
    arrange: entra((response) => response.writeHead(404).end("<html>404</html>")),
    kind: "invalid-answer",
    message: /what answers is not Azure \(HTTP 404\)/,
  },
  {
    when: "Entra wants us to go elsewhere",
    arrange: entra((response) => response.writeHead(307, { location: "http://127.0.0.1:1/" }).end()),
    kind: "invalid-answer",
    message: /what answers is not Azure \(HTTP 307\)/,
  },
  {
    when: "the token is none",
    arrange: entra((response) => sendJson(response, 200, { access_token: "a\r\nb" })),
    kind: "invalid-answer",
    message: /the answer holds no access token/,
  },
  {
    when: "the token is not taken",
    arrange: ({ store }) => store.tokens.clear(),
    kind: "unauthenticated",
    message: /Key Vault does not take the container's access token \(Unauthorized/,
  },
  {
    when: "a web page wants a password",
    arrange: answer(401, "<html>401</html>"),
    kind: "invalid-answer",
    message: /what answers is not Azure \(HTTP 401\)/,
  },
];
