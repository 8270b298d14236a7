/**
 * Confidant as a workload sees it, by its protocol: release 7.0.0. The contract holds it against the real one, which
 * needs Python.
 */
import type { ServerResponse } from "node:http";

import { serveLoopback, type SeenRequest } from "../../rig/loopback-server.ts";
import type { ConfidantRig, CredentialInput, ServiceInput } from "./confidant-rig.ts";
import { opened, serveKms } from "./kms-double.ts";

interface Stored extends Required<CredentialInput> {
  readonly revision: number;
}

interface Service extends Required<ServiceInput> {
  readonly revision: number;
}

interface Store {
  readonly credentials: Map<string, Stored>;
  /** Names by id. */
  readonly blind: Map<string, string>;
  readonly services: Map<string, Service>;
}

const AUTH_KEY = "alias/authnz";
const AUTH_CONTEXT = "confidant-test";

export async function startConfidantDouble(): Promise<ConfidantRig> {
  const kms = await serveKms();
  await kms.createKey(AUTH_KEY);
  const store: Store = { credentials: new Map(), blind: new Map(), services: new Map() };
  const server = await serveLoopback((request, response) => answer(request, response, store));
  const put = (id: string, input: CredentialInput): Stored => {
    const pairs = Object.entries(input.pairs).map(([key, value]) => [key.toLowerCase(), value] as const);
    const revision = (store.credentials.get(id)?.revision ?? 0) + 1;
    const stored = { isEnabled: true, ...input, pairs: Object.fromEntries(pairs), revision };
    store.credentials.set(id, stored);
    return stored;
  };
  return {
    url: server.url.href,
    aws: { url: kms.url.href, region: "us-east-1" },
    authKey: AUTH_KEY,
    authContext: AUTH_CONTEXT,
    createKey: (alias) => kms.createKey(alias),
    createUser: (name) => kms.createUser(name),
    createCredential: async (input) => {
      const id = newId();
      put(id, input);
      return id;
    },
    createBlindCredential: async (name) => {
      const id = newId();
      store.blind.set(id, name);
      return id;
    },
    reviseCredential: async (id, input) => put(id, input).revision,
    putService: async (id, input) => {
      const revision = (store.services.get(id)?.revision ?? 0) + 1;
      store.services.set(id, { isEnabled: true, blindIds: [], ...input, revision });
      return revision;
    },
    stop: async () => {
      await server.close();
      await kms.close();
    },
  };
}

function newId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

function answer({ path, headers }: SeenRequest, response: ServerResponse, store: Store): void {
  const login = loginOf(headers.authorization ?? "");
  if (login === undefined) return sendPage(response, 500, "Internal Server Error");
  if (!isValid(login)) return sendPage(response, 403, "Forbidden");
  const id = decodeURIComponent(/^\/v1\/services\/([^/?]+)$/.exec(path)?.[1] ?? "");
  if (login.from !== id) {
    const error = `${login.from} does not have access to get service ${id}`;
    return sendJson(response, 403, { error, reference: id });
  }
  const service = store.services.get(id);
  return service === undefined ? sendJson(response, 404, {}) : sendJson(response, 200, documentOf(id, service, store));
}

interface DoubleLogin {
  readonly version: number;
  readonly from: string;
  readonly token: string;
}

/** A user name of two parts is a fault of the server. */
function loginOf(authorization: string): DoubleLogin | undefined {
  const [userName = "", token = ""] = Buffer.from(authorization.replace(/^Basic /, ""), "base64")
    .toString()
    .split(":");
  const parts = userName.split("/");
  if (parts.length === 1) return { version: 1, from: userName, token };
  const [version, , from = ""] = parts;
  return parts.length === 3 ? { version: Number(version), from, token } : undefined;
}

/** python-kmsauth 0.6.3, `decrypt_token`: key and context must be right, and now within the span. */
function isValid({ version, from, token }: DoubleLogin): boolean {
  const ciphertext = opened(token);
  if (ciphertext === undefined || ciphertext.key !== AUTH_KEY) return false;
  const expected = { to: AUTH_CONTEXT, from, ...(version > 1 ? { user_type: "service" } : {}) };
  const names = new Set([...Object.keys(expected), ...Object.keys(ciphertext.context)]);
  const isSame = [...names].every((name) => ciphertext.context[name] === Reflect.get(expected, name));
  const { not_before: begin = "", not_after: end = "" } = JSON.parse(ciphertext.plaintext) as Record<string, string>;
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.[0-9]{3}/g, "");
  return isSame && begin <= stamp && stamp <= end;
}

/** Whatever is switched off is served as well. */
function documentOf(id: string, service: Service, { credentials, blind }: Store): object {
  return {
    id,
    enabled: service.isEnabled,
    revision: service.revision,
    credentials: service.credentialIds.flatMap((credentialId) => {
      const credential = credentials.get(credentialId);
      if (credential === undefined) return [];
      const { name, isEnabled, revision, pairs } = credential;
      return [{ id: credentialId, name, enabled: isEnabled, revision, credential_pairs: pairs, metadata: {} }];
    }),
    blind_credentials: service.blindIds.map((blindId) => ({ id: blindId, name: blind.get(blindId), enabled: true })),
    permissions: { metadata: false, get: true, update: false },
  };
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function sendPage(response: ServerResponse, status: number, title: string): void {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8" });
  response.end(`<!DOCTYPE HTML><title>${status} ${title}</title><h1>${title}</h1>`);
}
