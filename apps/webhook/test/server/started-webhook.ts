/** The webhook as `serve` starts it, in this process, with a certificate made on the spot. */
import { request as httpsRequest, type Agent } from "node:https";
import { get as httpGet, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";

import { makeSelfSigned, type SelfSigned } from "../../src/certificates/self-signed.ts";
import { composeFile } from "../../src/compose/from-file.ts";
import { createLiveComposition } from "../../src/compose/live-composition.ts";
import { NO_TELEMETRY, type Telemetry } from "../../src/compose/telemetry.ts";
import { createServing, type Serving } from "../../src/compose/serving.ts";
import type { ServingParts } from "../../src/compose/serving-parts.ts";
import type { ServerConfig } from "../../src/config/schema/server.ts";
import { drainable, type DrainOptions, type Drained } from "../../src/server/drain.ts";
import { listen } from "../../src/server/listen.ts";
import { createInjectorEvents } from "../../src/telemetry/injector-events.ts";
import { openLog, type Log } from "../../src/telemetry/log.ts";
import { API_SERVER_HEADERS, REVIEW_PATH } from "./api-server.ts";

export { API_SERVER_HEADERS, REVIEW_PATH } from "./api-server.ts";

export interface StartOptions {
  /** YAML of the config file; without, the defaults: Kubernetes Secrets. */
  readonly config?: string;
  /** Instead of what the config says. Seconds may be fractions here. */
  readonly server?: Partial<ServerConfig>;
  /** Instead of those that come of the config. */
  readonly settings?: ServingParts["settings"];
  readonly certificate?: SelfSigned;
  readonly clientCa?: string;
  /** Without: none. */
  readonly telemetry?: (log: Log) => Telemetry;
}

export interface StartedWebhook {
  readonly port: number;
  readonly operationsPort: number;
  readonly ca: string;
  readonly serving: Serving;
  /** Posts a body as the API server does, each time on a connection of its own unless there is an agent. */
  post(body: string | Buffer, options?: PostOptions): Promise<Answer>;
  /** Asks the port of probes and metrics. */
  operations(path: string, method?: string): Promise<Answer>;
  /** The lines logged so far. */
  logged(): Promise<readonly Record<string, unknown>[]>;
  drain(options?: Partial<DrainOptions>): Promise<Drained>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface PostOptions {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
  /** Certificate and key of the client. */
  readonly client?: { readonly certificate: string; readonly key: string };
}

export interface Answer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Whether the connection had served a request before. */
  readonly reused: boolean;
}

const shared = makeSelfSigned(Date.now());

export async function startWebhook(options: StartOptions = {}): Promise<StartedWebhook> {
  const folder = await mkdtemp(join(tmpdir(), "webhook-"));
  const logFile = join(folder, "log");
  const log = openLog("debug", logFile);
  const configFile = options.config === undefined ? undefined : join(folder, "config.yaml");
  if (configFile !== undefined) await writeFile(configFile, options.config ?? "");
  const injectorEvents = createInjectorEvents();
  const composed = await composeFile(configFile, log, {}, { count: injectorEvents.count });
  if (!composed.ok) throw new Error(JSON.stringify(composed.problems));
  const live = createLiveComposition(composed.composition);
  const { certificate, ca } = options.certificate ?? (await shared);
  const serving = createServing({
    version: "1.2.3",
    server: { ...composed.config.server, ...options.server },
    operations: composed.config.operations,
    settings: options.settings ?? ((admission) => live.use(admission)),
    log,
    telemetry: options.telemetry?.(log) ?? NO_TELEMETRY,
    certificate,
    injectorEvents,
    clock: Date.now,
    ...(options.clientCa === undefined ? {} : { clientCa: options.clientCa }),
  });
  const drainAdmissions = drainable(serving.admissions.server, serving.admissions.connections.closeWaiting);
  const drainOperations = drainable(serving.operations);
  const port = portOf(await listen(serving.admissions.server, "127.0.0.1", 0));
  const operationsPort = portOf(await listen(serving.operations, "127.0.0.1", 0));
  serving.life.startListening();
  const atOnce = { accept: 0, finish: 0, hurry: AbortSignal.abort() };
  return {
    port,
    operationsPort,
    ca,
    serving,
    post: (body, request) => post(port, ca, body, request),
    operations: (path, method = "GET") =>
      new Promise((resolve, reject) => {
        httpGet(
          { port: operationsPort, path, method, agent: false },
          (response) => void read(response, false).then(resolve, reject),
        ).on("error", reject);
      }),
    logged: async () => {
      await log.flush();
      const text = await readFile(logFile, "utf8");
      return text
        .trimEnd()
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    drain: (drain) => {
      serving.life.startDraining();
      return drainAdmissions({ accept: 0, finish: 5000, hurry: new AbortController().signal, ...drain });
    },
    [Symbol.asyncDispose]: async () => {
      await drainAdmissions(atOnce);
      await drainOperations(atOnce);
      await live.close();
      await log.flush();
      await rm(folder, { recursive: true });
    },
  };
}

function post(port: number, ca: string, body: string | Buffer, options: PostOptions = {}): Promise<Answer> {
  const { path = `${REVIEW_PATH}?timeout=10s`, method = "POST", headers, agent, client } = options;
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: "127.0.0.1",
        port,
        ca,
        path,
        method,
        agent: agent ?? false,
        headers: { ...API_SERVER_HEADERS, ...lengthOf(body, headers), ...headers },
        ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
      },
      (response) => void read(response, request.reusedSocket).then(resolve, reject),
    );
    request.on("error", reject);
    request.end(body);
  });
}

function lengthOf(body: string | Buffer, headers: PostOptions["headers"]): Readonly<Record<string, number>> {
  return headers?.["Transfer-Encoding"] === undefined ? { "Content-Length": Buffer.byteLength(body) } : {};
}

async function read(response: IncomingMessage, reused: boolean): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { code: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString(), reused };
}

function portOf(
  listening: { readonly ok: true; readonly address: AddressInfo } | { readonly ok: false; readonly message: string },
): number {
  if (!listening.ok) throw new Error(listening.message);
  return listening.address.port;
}
