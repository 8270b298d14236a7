/**
 * Who gives identities in Google Cloud, written from the documents: the metadata server ("About VM metadata"), the token
 * endpoint of service accounts (AIP-4112, RFC 7523), the Security Token Service (AIP-4117), and IAM Service Account
 * Credentials. They were not held against Google's own.
 */
import { generateKeyPairSync, verify } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { selfSigned } from "./certificate.ts";
import { sendJson, serveFaulty, type FaultyServer } from "./faulty-server.ts";
import type { SeenRequest } from "./loopback-server.ts";
import { GOOGLE_TOKEN, sendGoogleError } from "./secret-manager.ts";
import { temporaryFolder } from "./volume.ts";

export const SUBJECT_TOKEN = "header.token-of-the-service-account.signature";
export const AUDIENCE = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/cluster";
export const ACCOUNT = "reader@orders-prod.iam.gserviceaccount.com";
export const FEDERATED_TOKEN = "ya29.d.federated";
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";

const ACCOUNT_KEY = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** Of the service account, as its file holds it. */
export const PRIVATE_KEY: string = ACCOUNT_KEY.privateKey.export({ type: "pkcs8", format: "pem" }).toString();

/** In GKE or on a machine: it answers nobody who does not ask for it by its header. */
export function serveMetadata(): Promise<FaultyServer> {
  return serveFaulty(({ headers, path }, response) => {
    if (headers["metadata-flavor"] !== "Google") return void response.writeHead(403).end();
    response.setHeader("metadata-flavor", "Google");
    if (!path.startsWith("/computeMetadata/v1/instance/service-accounts/default/token?scopes="))
      return void response.writeHead(404).end();
    sendJson(response, 200, { access_token: GOOGLE_TOKEN, expires_in: 3599, token_type: "Bearer" });
  });
}

export interface GoogleIdentity extends FaultyServer {
  /** PEM file of its authority. */
  readonly caFile: string;
}

/** By TLS only. */
export async function serveGoogleIdentity(): Promise<GoogleIdentity> {
  const identity = await selfSigned();
  const caFile = join(temporaryFolder(), "ca.crt");
  writeFileSync(caFile, identity.cert);
  const server = await serveFaulty(answer, identity);
  return { ...server, caFile };
}

function answer(request: SeenRequest, response: ServerResponse): void {
  if (request.path === "/token") return answerAssertion(request, response);
  if (request.path === "/v1/token") return answerExchange(request, response);
  if (request.path === `/v1/projects/-/serviceAccounts/${ACCOUNT}:generateAccessToken`)
    return answerImpersonation(request, response);
  sendGoogleError(response, 404, "NOT_FOUND");
}

function refuse(response: ServerResponse, error: string): void {
  sendJson(response, 400, { error, error_description: "never shown" });
}

/** The assertion is signed by the account's key, for this address, from now for an hour at most. */
function answerAssertion({ body, headers }: SeenRequest, response: ServerResponse): void {
  const form = new URLSearchParams(body);
  const [header = "", claims = "", signature = ""] = form.get("assertion")?.split(".") ?? [];
  const isSigned = verify(
    "RSA-SHA256",
    Buffer.from(`${header}.${claims}`),
    ACCOUNT_KEY.publicKey,
    Buffer.from(signature, "base64url"),
  );
  const { iss, aud, scope, iat, exp } = decoded(claims);
  const now = Date.now() / 1000;
  const isInTime = Number(iat) <= now + 60 && Number(exp) > now && Number(exp) - Number(iat) <= 3600;
  const isRight = iss === ACCOUNT && aud === `https://${headers.host}/token` && decoded(header)["alg"] === "RS256";
  if (form.get("grant_type") !== "urn:ietf:params:oauth:grant-type:jwt-bearer")
    return refuse(response, "unsupported_grant_type");
  if (!isSigned || !isInTime || !isRight) return refuse(response, "invalid_grant");
  if (scope !== SCOPE) return refuse(response, "invalid_scope");
  sendJson(response, 200, { access_token: GOOGLE_TOKEN, expires_in: 3599, token_type: "Bearer" });
}

/** A part of an assertion. */
export function decoded(part: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(part, "base64url").toString()) as Readonly<Record<string, unknown>>;
}

function answerExchange({ body }: SeenRequest, response: ServerResponse): void {
  const { subject_token: token, audience, ...rest } = Object.fromEntries(new URLSearchParams(body));
  const expected = {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    scope: SCOPE,
    requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
  };
  if (!isDeepStrictEqual(rest, expected)) return refuse(response, "invalid_request");
  if (audience !== AUDIENCE) return refuse(response, "invalid_target");
  if (token !== SUBJECT_TOKEN) return refuse(response, "invalid_grant");
  sendJson(response, 200, {
    access_token: FEDERATED_TOKEN,
    issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
    token_type: "Bearer",
    expires_in: 3599,
  });
}

function answerImpersonation({ body, headers }: SeenRequest, response: ServerResponse): void {
  if (headers.authorization !== `Bearer ${FEDERATED_TOKEN}`) return sendGoogleError(response, 401, "UNAUTHENTICATED");
  const { scope } = JSON.parse(body) as { scope?: unknown };
  if (JSON.stringify(scope) !== JSON.stringify([SCOPE])) return sendGoogleError(response, 400, "INVALID_ARGUMENT");
  sendJson(response, 200, { accessToken: GOOGLE_TOKEN, expireTime: "2099-01-01T00:00:00Z" });
}
