/** Who the pod is by a file of credentials, for those who give tokens for it. */
import { generateKeyPairSync } from "node:crypto";

import { sendJson, type Fault } from "../../rig/faulty-server.ts";
import { sendGoogleError } from "../../rig/secret-manager.ts";
import type { Row, Stage } from "../stage.ts";
import { TOKEN_FILE, account, externalAccount, federated, withFile } from "./scene.ts";

/** The server of identities answers everything so, but for the first calls. */
async function identityFault(stage: Stage, fault: Fault, first = 0): Promise<void> {
  const { faults } = await withFile(stage, externalAccount());
  const right: Fault = (response) => sendJson(response, 200, { access_token: "federated" });
  faults.push(...Array.from({ length: 100 }, (_value, index) => (index < first ? right : fault)));
}

const WRONG_KEY = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
  type: "pkcs8",
  format: "pem",
});
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
