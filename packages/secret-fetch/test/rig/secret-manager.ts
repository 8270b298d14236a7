/**
 * Secret Manager of Google Cloud where the program listens, written from the documents of its API (v1,
 * `projects.secrets.versions.access`, and "Error model" of the API design guide). It was not held against Google's own.
 */
import type { ServerResponse } from "node:http";

import { crc32c } from "../../src/providers/gcp-secretmanager/crc32c.ts";
import { sendJson, serveFaulty, type FaultyServer } from "./faulty-server.ts";
import type { SeenRequest } from "./loopback-server.ts";

export const GOOGLE_TOKEN = "ya29.token-of-the-pod";

export interface GoogleVersion {
  readonly data: Uint8Array | string;
  readonly state?: "ENABLED" | "DISABLED" | "DESTROYED";
}

export interface GoogleSecret {
  /** The first is number 1. */
  readonly versions: readonly GoogleVersion[];
  /** Numbers of versions by alias. */
  readonly aliases?: Readonly<Record<string, number>>;
}

export interface SecretManager extends FaultyServer {
  /** Secrets by `projects/P/secrets/NAME` or `projects/P/locations/L/secrets/NAME`. */
  readonly secrets: Map<string, GoogleSecret>;
  /** Access tokens of whoever may read them. */
  readonly tokens: Set<string>;
}

export async function serveSecretManager(): Promise<SecretManager> {
  const secrets = new Map<string, GoogleSecret>();
  const tokens = new Set([GOOGLE_TOKEN]);
  const server = await serveFaulty((request, response) => {
    const token = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
    if (!tokens.has(token)) return sendGoogleError(response, 401, "UNAUTHENTICATED");
    return answer(request, response, secrets);
  });
  return { ...server, secrets, tokens };
}

/** An error as all of Google's APIs have it. */
export function sendGoogleError(
  response: ServerResponse,
  code: number,
  status: string,
  { message = "never shown", reason = "", headers = {} }: GoogleErrorFacts = {},
): void {
  const info = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "googleapis.com" };
  const details = reason === "" ? {} : { details: [info] };
  sendJson(response, code, { error: { code, message, status, ...details } }, headers);
}

export interface GoogleErrorFacts {
  readonly message?: string;
  /** Of `google.rpc.ErrorInfo`. */
  readonly reason?: string;
  readonly headers?: object;
}

function answer(
  { method, path }: SeenRequest,
  response: ServerResponse,
  secrets: ReadonlyMap<string, GoogleSecret>,
): void {
  const [, name = "", version = ""] = /^\/v1\/(projects\/.+)\/versions\/([^/]+):access$/.exec(path) ?? [];
  const secret = secrets.get(decodeURIComponent(name));
  if (method !== "GET" || secret === undefined) {
    const message = `Secret [${name}] not found or has no versions.`;
    return sendGoogleError(response, 404, "NOT_FOUND", { message });
  }
  const number = version === "latest" ? secret.versions.length : (secret.aliases?.[version] ?? Number(version));
  const found = secret.versions[number - 1];
  if (found === undefined) return sendGoogleError(response, 404, "NOT_FOUND", { message: "Secret Version not found." });
  const { data, state = "ENABLED" } = found;
  const place = `${name.replace(/^projects\/[^/]+/, "projects/123456789012")}/versions/${number}`;
  if (state !== "ENABLED") {
    const message = `Secret Version [${place}] is in ${state} state.`;
    return sendGoogleError(response, 400, "FAILED_PRECONDITION", { message });
  }
  sendJson(response, 200, { name: place, payload: payloadOf(data) });
}

/** `SecretPayload`: 64 bits are a text in the JSON of Protocol Buffers. */
export function payloadOf(data: Uint8Array | string): { readonly data: string; readonly dataCrc32c: string } {
  const bytes = Buffer.from(data);
  return { data: bytes.toString("base64"), dataCrc32c: String(crc32c(bytes)) };
}
