/** Who the pod is by a file of credentials, that cannot be used. */
import { generateKeyPairSync } from "node:crypto";

import { SUBJECT_TOKEN } from "../../rig/google-identity.ts";
import type { Row } from "../stage.ts";
import { account, federated, withFileOf } from "./scene.ts";

const file =
  (content: object | string | undefined): Row["arrange"] =>
  (stage) =>
    withFileOf(stage, typeof content === "object" ? JSON.stringify(content) : content);
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
