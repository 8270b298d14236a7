/** Who the pod is by a file of credentials. */
import { generateKeyPairSync } from "node:crypto";

import { SUBJECT_TOKEN } from "../../rig/google-identity.ts";
import { sendJson, type Fault } from "../../rig/faulty-server.ts";
import { sendGoogleError } from "../../rig/secret-manager.ts";
import type { Row, Stage } from "../stage.ts";
import { TOKEN_FILE, externalAccount, serviceAccount, withFile, withFileOf } from "./scene.ts";

const file =
  (content: object | string | undefined): Row["arrange"] =>
  (stage) =>
    withFileOf(stage, typeof content === "object" ? JSON.stringify(content) : content);
const account =
  (change: object = {}): Row["arrange"] =>
  async (stage) =>
    void (await withFile(stage, serviceAccount(change)));
const federated =
  (change: object = {}): Row["arrange"] =>
  async (stage) =>
    void (await withFile(stage, externalAccount(change)));

/** The first call of the server of identities gets this answer, and all after it. */
async function identityFault(stage: Stage, fault: Fault, first = 0): Promise<void> {
  const { faults } = await withFile(stage, externalAccount());
  const right: Fault = (response) => sendJson(response, 200, { access_token: "federated" });
  faults.push(...Array.from({ length: 100 }, (_value, index) => (index < first ? right : fault)));
}

const WRONG_KEY = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
  type: "pkcs8",
  format: "pem",
});
const EC_KEY = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" });

export const FILES: readonly Row[] = [
  {
    when: "the credentials file is not mounted",
    arrange: file(undefined),
    kind: "unauthenticated",
    message: /the credentials file "\/etc\/google\/credentials\.json" cannot be had: there is no file/,
  },
  { when: "the credentials file is no JSON", arrange: file("{"), kind: "wrong-request", message: /is no JSON object/ },
  {
    when: "the credentials are a person's",
    arrange: file({ type: "authorized_user", refresh_token: SUBJECT_TOKEN }),
    kind: "wrong-request",
    message: /is that of a person/,
  },
  {
    when: "the credentials are of a kind that is not taken",
    arrange: file({ type: "gdch_service_account", private_key: SUBJECT_TOKEN }),
    kind: "wrong-request",
    message: /has the type "gdch_service_account", which is not taken/,
  },
  {
    when: "the credentials would run a program",
    arrange: federated({ credential_source: { executable: { command: "/bin/sh" } } }),
    kind: "wrong-request",
    message: /takes its token from executable: only a file is taken/,
  },
  {
    when: "the credentials would ask an address",
    arrange: federated({ credential_source: { url: "http://127.0.0.1/token" } }),
    kind: "wrong-request",
    message: /takes its token from url: only a file is taken/,
  },
  {
    when: "the credentials are of another cloud's machine",
    arrange: federated({ credential_source: { environment_id: "aws1" } }),
    kind: "wrong-request",
    message: /takes its token from environment_id/,
  },
  {
    when: "the token would be exchanged in the clear",
    arrange: federated({ token_url: "http://sts.googleapis.com/v1/token" }),
    kind: "wrong-request",
    message: /token_url: must be an address with https:/,
  },
  {
    when: "the account would be impersonated in the clear",
    arrange: federated({ service_account_impersonation_url: "http://iamcredentials.googleapis.com/" }),
    kind: "wrong-request",
    message: /service_account_impersonation_url: must be an address with https:/,
  },
  {
    when: "the key would be used in the clear",
    arrange: account({ token_uri: "http://oauth2.googleapis.com/token" }),
    kind: "wrong-request",
    message: /token_uri: must be an address with https:/,
  },
  {
    when: "the key is none",
    arrange: account({ private_key: "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n" }),
    kind: "wrong-request",
    message: /private_key of the credentials file is no RSA key/,
  },
  {
    when: "the key is of another kind",
    arrange: account({ private_key: EC_KEY }),
    kind: "wrong-request",
    message: /private_key of the credentials file is no RSA key/,
  },
];

export const LOGINS: readonly Row[] = [
  {
    when: "the key was deleted",
    arrange: account({ private_key: WRONG_KEY }),
    kind: "unauthenticated",
    message: /the login of the service account: Google refuses the login \(invalid_grant\)/,
  },
  {
    when: "the account was deleted",
    arrange: account({ client_email: "gone@orders-prod.iam.gserviceaccount.com" }),
    kind: "unauthenticated",
    message: /Google refuses the login \(invalid_grant\)/,
  },
  {
    when: "the node's clock is two hours slow",
    arrange: (stage) => {
      stage.now = () => Date.now() - 7_200_000;
      return account()(stage);
    },
    kind: "unauthenticated",
    message: /refuses the login \(invalid_grant\), and its clock is 120 minutes from the node's\. Fix: .*NTP/,
  },
  {
    when: "the node's clock is two hours fast",
    arrange: (stage) => {
      stage.now = () => Date.now() + 7_200_000;
      return account()(stage);
    },
    kind: "unauthenticated",
    message: /refuses the login \(invalid_grant\), and its clock is 120 minutes from the node's/,
  },
  {
    when: "there is no such pool",
    arrange: federated({ audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/gone" }),
    kind: "unauthenticated",
    message:
      /the exchange of the pod's token: Google knows no such workload identity pool or provider \(invalid_target\)/,
  },
  {
    when: "the pod's token is not mounted",
    arrange: async (stage) => {
      await federated()(stage);
      stage.files = Object.fromEntries(Object.entries(stage.files).filter(([path]) => path !== TOKEN_FILE));
    },
    kind: "unauthenticated",
    message: /the token of the pod's identity cannot be had: there is no file/,
  },
  {
    when: "the pod's token has expired",
    arrange: async (stage) => {
      await federated()(stage);
      stage.files = { ...stage.files, [TOKEN_FILE]: "header.of-yesterday.signature" };
    },
    kind: "unauthenticated",
    message: /the exchange of the pod's token: Google refuses the login \(invalid_grant\)/,
  },
  {
    when: "the pod's token is no field of its file",
    arrange: federated({
      credential_source: { file: TOKEN_FILE, format: { type: "json", subject_token_field_name: "token" } },
    }),
    kind: "unauthenticated",
    message: /its file has no such field/,
  },
  {
    when: "the pool may not act as the account",
    arrange: (stage) => identityFault(stage, (response) => sendGoogleError(response, 403, "PERMISSION_DENIED"), 1),
    kind: "denied",
    message:
      /the impersonation of the service account: Google does not let the federated identity act as that service account/,
  },
  {
    when: "there is no such account to act as",
    arrange: (stage) => identityFault(stage, (response) => sendGoogleError(response, 404, "NOT_FOUND"), 1),
    kind: "denied",
    message: /the impersonation of the service account: .*\(NOT_FOUND\)/,
  },
  {
    when: "the exchange has a fault",
    arrange: (stage) => identityFault(stage, (response) => response.writeHead(503).end()),
    kind: "unavailable",
    message: /the exchange of the pod's token: Google has a fault of its own \(HTTP 503\)/,
  },
  {
    when: "a web page answers for the exchange",
    arrange: (stage) => identityFault(stage, (response) => response.end("<html>log in</html>")),
    kind: "invalid-answer",
    message: /the exchange of the pod's token: the answer holds no access token/,
  },
  {
    when: "a web page says that there is no exchange",
    arrange: (stage) => identityFault(stage, (response) => response.writeHead(404).end("<html>404</html>")),
    kind: "invalid-answer",
    message: /the exchange of the pod's token: what answers is not Google \(HTTP 404\)/,
  },
  {
    when: "there is no such exchange",
    arrange: (stage) => identityFault(stage, (response) => sendGoogleError(response, 404, "NOT_FOUND")),
    kind: "unauthenticated",
    message: /the exchange of the pod's token: Google has no such token endpoint \(NOT_FOUND\)/,
  },
  {
    when: "the exchange wants us to go elsewhere",
    arrange: (stage) => identityFault(stage, (response) => response.writeHead(307, { location: "/elsewhere" }).end()),
    kind: "invalid-answer",
    message: /what answers is not Google \(HTTP 307\)/,
  },
  {
    when: "the server of the exchange is not trusted",
    arrange: async (stage) => {
      await federated()(stage);
      stage.settings = { ...stage.settings, caFile: undefined };
    },
    kind: "untrusted",
    message: /certificate of "127\.0\.0\.1:\d+" is not trusted/,
  },
];
