/** The HTTP port by Node's own client. */
import type { IncomingMessage, RequestOptions } from "node:http";
import type { Agent as HttpsAgent, AgentOptions as HttpsAgentOptions } from "node:https";

import { FetchFailure, isFetchFailure } from "../failure.ts";
import type { Http, HttpRequest, HttpResponse } from "../http.ts";
import { connectionFailure, lateAnswer, longAnswer, otherProtocol } from "./connection-failure.ts";
import { readSmallFile } from "./read-file.ts";

// An import statement would read every export of node:http, and so load undici for its `WebSocket`: 5 MB.
const http = process.getBuiltinModule("node:http");
const https = process.getBuiltinModule("node:https");

const MAX_BYTES = 1_048_576;
/** Connections to one server: the most calls at once that a request may ask for. */
const MAX_SOCKETS = 64;

/** The port, and the end of its connections. */
export interface HttpClient {
  readonly http: Http;
  /** Ends every connection: without, kept ones would keep the process. */
  close(): void;
}

/**
 * @param env may hold `HTTPS_PROXY` and `NO_PROXY` (Node 24.5 and 22.21 on). Plain HTTP never goes through a proxy:
 * it is for addresses of the node itself
 */
export function createHttpClient(env: Readonly<Record<string, string | undefined>> = {}): HttpClient {
  const plain = new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const agents = new Map<string, Promise<HttpsAgent>>();
  const opened = new Set<HttpsAgent>();
  const secure = async (caFile: string | undefined): Promise<HttpsAgent> => {
    const ca = caFile === undefined ? {} : { ca: Buffer.from(await readAuthorities(caFile)) };
    const agent = secureAgent({ proxyEnv: proxiesOf(env), ...ca });
    opened.add(agent);
    return agent;
  };
  const agentFor = (caFile: string | undefined): Promise<HttpsAgent> => {
    const key = caFile ?? "";
    const known = agents.get(key);
    if (known !== undefined) return known;
    const made = secure(caFile);
    agents.set(key, made);
    // A file that is mounted later must be read then.
    made.catch(() => agents.delete(key));
    return made;
  };
  return {
    http: async (request) => {
      const agent = request.url.protocol === "https:" ? await agentFor(request.caFile) : plain;
      return exchange(request, { agent });
    },
    close: () => {
      plain.destroy();
      for (const agent of opened) agent.destroy();
    },
  };
}

/** @throws FetchFailure `wrong-request`: Node reads the env vars of a proxy here, and its error may hold a password */
function secureAgent(options: HttpsAgentOptions): HttpsAgent {
  const fixed = {
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    minVersion: "TLSv1.2",
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
    rejectUnauthorized: true,
  } as const;
  try {
    return new https.Agent({ ...options, ...fixed });
  } catch {
    throw new FetchFailure(
      "wrong-request",
      "HTTPS_PROXY or NO_PROXY of the container cannot be read",
      "Write the proxy as http://HOST:PORT.",
    );
  }
}

/** A missing file must not look like a missing secret. */
async function readAuthorities(caFile: string): Promise<Uint8Array> {
  try {
    return await readSmallFile(caFile);
  } catch (error) {
    if (!isFetchFailure(error)) throw error;
    throw new FetchFailure("wrong-request", `caFile cannot be used: ${error.message}`, error.fix);
  }
}

function proxiesOf(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string | undefined>> {
  const { HTTPS_PROXY, https_proxy, NO_PROXY, no_proxy } = env;
  return { HTTPS_PROXY, https_proxy, NO_PROXY, no_proxy };
}

async function exchange(request: HttpRequest, options: RequestOptions): Promise<HttpResponse> {
  const { url, signal } = request;
  if (signal.aborted) throw lateAnswer(url);
  // Not by Node alone: it tells nobody while it waits for a proxy, and an answer without a length just ends.
  const { promise: late, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(lateAnswer(url));
  signal.addEventListener("abort", end);
  try {
    return await Promise.race([wholeAnswer(request, options), late]);
  } catch (error) {
    throw error instanceof FetchFailure ? error : connectionFailure(url, error);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

async function wholeAnswer(request: HttpRequest, options: RequestOptions): Promise<HttpResponse> {
  const response = await send(request, options);
  const body = await bodyOf(response, request.url, request.maxBytes ?? MAX_BYTES);
  return { status: response.statusCode ?? 0, headers: headersOf(response), body };
}

function send(request: HttpRequest, { agent }: RequestOptions): Promise<IncomingMessage> {
  const { method, url, headers = {}, body, signal } = request;
  const { request: open } = url.protocol === "https:" ? https : http;
  const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const options: RequestOptions = { method, agent, signal, headers: { ...headers, ...length } };
    const call = open(url, options, resolve).on("error", reject);
    // Without a listener, Node would close the connection and tell nobody.
    call.on("upgrade", (_response, socket) => {
      socket.destroy();
      reject(otherProtocol(url));
    });
    call.end(body);
  });
}

async function bodyOf(response: IncomingMessage, url: URL, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw longAnswer(url, maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

function headersOf({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  const list = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value] as const],
  );
  return Object.fromEntries(list);
}
