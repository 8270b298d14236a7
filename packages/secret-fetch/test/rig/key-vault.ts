/**
 * Azure Key Vault and Microsoft Entra where the program listens, written from their documents: "Get Secret" and "Key
 * Vault REST API error codes", "OAuth 2.0 client credentials flow" and "Microsoft Entra authentication and authorization
 * error codes", and "managed identities ... acquire a token". They were not held against Microsoft's own.
 */
import type { ServerResponse } from "node:http";

import { sendJson, serveFaulty, type FaultyServer } from "./faulty-server.ts";
import type { SeenRequest } from "./loopback-server.ts";

export const AZURE_TOKEN = "eyJ0eXAiOiJKV1QifQ.access-token-of-the-pod.signature";
export const ASSERTION = "eyJhbGciOiJSUzI1NiJ9.token-of-the-service-account.signature";
export const TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47";
export const CLIENT = "11111111-2222-3333-4444-555555555555";
const REQUEST_ID = { "x-ms-request-id": "6f1c2a3b-0000-4000-8000-000000000000" };

export interface VaultSecret {
  readonly value: string;
  /** 32 hexadecimal digits. */
  readonly version?: string;
  /** In place of those of a secret that is in force. */
  readonly attributes?: object;
}

export interface KeyVault extends FaultyServer {
  /** Versions of secrets by their names, the current one at the end. */
  readonly secrets: Map<string, readonly VaultSecret[]>;
  readonly tokens: Set<string>;
}

export async function serveKeyVault(): Promise<KeyVault> {
  const secrets = new Map<string, readonly VaultSecret[]>();
  const tokens = new Set([AZURE_TOKEN]);
  const server = await serveFaulty((request, response) => {
    const token = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
    if (tokens.has(token)) return answer(request, response, secrets);
    const challenge = `Bearer authorization="https://login.microsoftonline.com/${TENANT}", resource="https://vault.azure.net"`;
    return sendVaultError(response, 401, "Unauthorized", { headers: { "www-authenticate": challenge } });
  });
  return { ...server, secrets, tokens };
}

export interface VaultErrorFacts {
  readonly inner?: string;
  readonly headers?: object;
}

export function sendVaultError(
  response: ServerResponse,
  status: number,
  code: string,
  { inner, headers }: VaultErrorFacts = {},
): void {
  const innererror = inner === undefined ? {} : { innererror: { code: inner } };
  sendJson(response, status, { error: { code, message: "never shown", ...innererror } }, { ...REQUEST_ID, ...headers });
}

function answer(
  { method, path }: SeenRequest,
  response: ServerResponse,
  secrets: ReadonlyMap<string, readonly VaultSecret[]>,
): void {
  const url = new URL(path, "http://vault");
  const [, name = "", version] = /^\/secrets\/([0-9A-Za-z-]+)(?:\/([0-9a-f]{32}))?$/.exec(url.pathname) ?? [];
  if (method !== "GET" || url.searchParams.get("api-version") !== "7.4")
    return sendVaultError(response, 400, "BadParameter");
  const versions = secrets.get(name) ?? [];
  const found = version === undefined ? versions.at(-1) : versions.find((each) => each.version === version);
  if (found === undefined) return sendVaultError(response, 404, "SecretNotFound");
  const { value, attributes, version: served = "4387e9f3d6e14c459867679a90fd0f79" } = found;
  sendJson(response, 200, {
    value,
    contentType: "text/plain",
    id: `https://orders-prod.vault.azure.net/secrets/${name}/${served}`,
    attributes: attributes ?? {
      enabled: true,
      created: 1_493_938_410,
      updated: 1_493_938_410,
      recoveryLevel: "Recoverable+Purgeable",
      recoverableDays: 90,
    },
  });
}

/** Lets in the service account that sends {@link ASSERTION}. */
export function serveEntra(): Promise<FaultyServer> {
  return serveFaulty(({ method, path, body }, response) => {
    const {
      client_assertion: assertion,
      client_id: client,
      scope,
      ...rest
    } = Object.fromEntries(new URLSearchParams(body));
    if (method !== "POST" || path !== `/${TENANT}/oauth2/v2.0/token`)
      return sendEntraError(response, 400, "invalid_request", 90_002);
    if (client !== CLIENT) return sendEntraError(response, 400, "unauthorized_client", 700_016);
    if (scope !== "https://vault.azure.net/.default") return sendEntraError(response, 400, "invalid_resource", 500_011);
    if (rest["grant_type"] !== "client_credentials" || rest["client_assertion_type"] !== ASSERTION_TYPE)
      return sendEntraError(response, 400, "invalid_request", 900_144);
    if (assertion !== ASSERTION) return sendEntraError(response, 401, "invalid_client", 700_024);
    return sendJson(response, 200, {
      token_type: "Bearer",
      expires_in: 86_399,
      ext_expires_in: 86_399,
      access_token: AZURE_TOKEN,
    });
  });
}

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** @param number of `AADSTS` */
export function sendEntraError(response: ServerResponse, status: number, error: string, number: number): void {
  const ids = { trace_id: "t", correlation_id: "c", timestamp: "2026-01-01 00:00:00Z" };
  const description = `AADSTS${number}: never shown`;
  sendJson(response, status, { error, error_description: description, error_codes: [number], ...ids }, REQUEST_ID);
}

/** The instance metadata service of a node with a managed identity. */
export function serveInstanceMetadata(): Promise<FaultyServer> {
  return serveFaulty(({ headers, path }, response) => {
    if (headers["metadata"] !== "true") return sendJson(response, 400, { error: "bad_request_102" });
    const { pathname, searchParams } = new URL(path, "http://imds");
    const isToken = pathname === "/metadata/identity/oauth2/token" && searchParams.get("api-version") === "2018-02-01";
    const resource = searchParams.get("resource");
    if (!isToken || resource !== "https://vault.azure.net")
      return sendJson(response, 400, { error: "invalid_request" });
    return sendJson(response, 200, { access_token: AZURE_TOKEN, expires_in: "86399", resource, token_type: "Bearer" });
  });
}
