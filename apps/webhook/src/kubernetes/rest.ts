/** Exchanges with the API server: JSON out, JSON back, within a time limit. */
import type { IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";

import { AppError } from "../errors.ts";
import type { AuthorizedOptions, Credentials } from "./credentials.ts";
import { failureOfConnection, failureOfStatus } from "./failures.ts";
import { KubernetesError } from "./kubernetes-client.ts";

// As in server/operations-server.ts: an import statement would load undici with node:http.
const { request: httpsRequest } = process.getBuiltinModule("node:https");

export interface RestCall {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  /** Ends the exchange. */
  readonly signal: AbortSignal;
}

export interface Rest {
  /** @throws KubernetesError */
  exchange(call: RestCall): Promise<unknown>;
  /** The answer while it comes; the time limit holds for its head alone. @throws KubernetesError */
  stream(call: RestCall): Promise<IncomingMessage>;
}

/** An object of the API has at most 1.5 MiB in etcd; a list of one, and what stands around it, fit. */
const MAX_ANSWER_BYTES = 8_388_608;

/**
 * @param first credentials that are loaded already
 * @param load loads them anew each time they turn out to be refused: a file may have been exchanged
 * @param timeLimit milliseconds for an exchange
 */
export function createRest(first: Credentials, load: () => Promise<Credentials>, timeLimit: number): Rest {
  let loaded: Promise<Credentials> | undefined = Promise.resolve(first);
  const within = async <Result>(call: RestCall, read: (response: IncomingMessage) => Result | Promise<Result>) => {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), timeLimit);
    const signal = AbortSignal.any([call.signal, limit.signal]);
    let asked: URL | undefined;
    try {
      loaded ??= load();
      const credentials = await loaded;
      asked = credentials.server;
      const response = await send({ ...call, signal }, credentials);
      if (isSuccess(response)) return await read(response);
      throw failureOfStatus(nameOf(call), response.statusCode ?? 0, parsed(await bodyOf(response)));
    } catch (error) {
      const failure = asKubernetesError({ ...call, signal }, error, asked);
      if (failure.failure === "unauthorized" || failure.failure === "untrusted") loaded = undefined;
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    stream: (call) => within(call, (response) => response),
    exchange: (call) =>
      within(call, async (response) => {
        const answer = parsed(await bodyOf(response));
        if (answer !== undefined) return answer;
        throw new KubernetesError("other", `${nameOf(call)}: the answer is no JSON`, { status: response.statusCode });
      }),
  };
}

/** As messages have it: the query is left out. */
function nameOf({ method, path }: RestCall): string {
  return `${method} ${path.split("?", 1)[0]}`;
}

function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** What is thrown on the way: ours as it is, all else without its text. */
function asKubernetesError(call: RestCall, error: unknown, asked: URL | undefined): KubernetesError {
  if (error instanceof KubernetesError) return error;
  if (error instanceof AppError) return new KubernetesError("unauthorized", `${nameOf(call)}: ${error.message}`);
  // An answer that is cut in the middle fails with another error than one that has not begun.
  const server = asked?.origin;
  if (call.signal.aborted)
    return new KubernetesError("unreachable", `${nameOf(call)}: no answer in time${server ? ` from ${server}` : ""}`);
  return failureOfConnection(nameOf(call), error, server);
}

async function send(call: RestCall, credentials: Credentials): Promise<IncomingMessage> {
  const { method, path, body, contentType = "application/json", signal } = call;
  const authorized = await authorize(call, credentials);
  const { server } = credentials;
  const content = body === undefined ? undefined : JSON.stringify(body);
  const length = content === undefined ? {} : { "Content-Length": Buffer.byteLength(content) };
  const options: RequestOptions = {
    ...authorized,
    host: server.hostname.replaceAll(/^\[|\]$/g, ""),
    port: server.port === "" ? 443 : server.port,
    path: server.pathname.replace(/\/$/, "") + path,
    method,
    headers: {
      ...authorized.headers,
      Accept: "application/json",
      "User-Agent": "pod-secrets",
      ...(content === undefined ? {} : { "Content-Type": contentType, ...length }),
    },
    signal,
  };
  return new Promise((resolve, reject) => {
    httpsRequest(options, resolve).on("error", reject).end(content);
  });
}

/** The library may run a command of the kubeconfig, which may hang, and whose complaint is not for a log. */
async function authorize(call: RestCall, credentials: Credentials): Promise<AuthorizedOptions> {
  const { promise: isUp, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(new Error("no credentials in time"));
  call.signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([credentials.options(), isUp]);
  } catch {
    throw new KubernetesError("unauthorized", `${nameOf(call)}: the credentials of the kubeconfig cannot be had`);
  } finally {
    call.signal.removeEventListener("abort", onAbort);
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error("the answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
