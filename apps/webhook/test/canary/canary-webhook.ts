/** The shipped command with canaries as global secrets, and everything that it says, in one text. */
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished } from "vitest";

import { start } from "../cli/built-command.ts";
import { folderOf } from "../cli/running.ts";
import { API_SERVER_HEADERS, REVIEW_PATH } from "../server/started-webhook.ts";
import { canary, longCanary, type Canary } from "./canaries.ts";

/** Given by env vars `CANARY_ENV_<NAME>`: group `env`, key the name. */
export const FROM_ENV: readonly Canary[] = [
  canary("plain", (core) => core),
  canary("quotes", (core) => `"${core}'\`\\`),
  canary("frame", (core) => `a\n    at ${core}`),
  canary("lines", (core) => `a\n${core}\r\n{"b":1}\tc`),
];

/** Given by files `file/<name>`: group `file`, key the name. */
const FROM_FILE: readonly Canary[] = [
  canary("dollars", (core) => `$(HOME)$$${core}\${X}`),
  canary("letters", (core) => `ü€😀${core}\u202e\u0085`),
  // Nobody can have these three, so messages are about them.
  canary("binary", (core) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(core), Buffer.from([0xc3])])),
  canary("nul", (core) => `${core}\0${core}`),
  longCanary("long", 200_000),
];

export const CANARIES: readonly Canary[] = [...FROM_ENV, ...FROM_FILE];
/** Those that a pod can have. */
export const USABLE: readonly string[] = ["plain", "quotes", "frame", "lines", "dollars", "letters"];

export interface CanaryFolder {
  readonly folder: string;
  readonly config: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * A folder with the secrets, these files, and a config.
 * @param managers what stands behind `managers:`
 * @param more other lines of the config
 */
export function canaryFolder(
  managers: string,
  files: Readonly<Record<string, string>> = {},
  more: string = "",
): CanaryFolder {
  const folder = folderOf(files);
  mkdirSync(join(folder, "secrets", "file"), { recursive: true });
  for (const { name, value } of FROM_FILE) writeFileSync(join(folder, "secrets", "file", name), value);
  const config = join(folder, "config.yaml");
  writeFileSync(config, configText(folder, managers, more));
  const variables = FROM_ENV.map(({ name, value }) => [`CANARY_ENV_${name.toUpperCase()}`, value.toString()] as const);
  return { folder, config, environment: Object.fromEntries(variables) };
}

/** The YAML of a config. */
export function configText(folder: string, managers: string, more: string = ""): string {
  const global = `{ envPrefix: CANARY_, directory: ${join(folder, "secrets")} }`;
  return `global: ${global}\nmanagers: ${managers}\nserver: { drainSeconds: 0 }\n${more}`;
}

export interface CanaryWebhook {
  /** Posts a body over TLS. What comes back is kept, but for the patch, which is returned. */
  post(body: string | Buffer, options?: PostOptions): Promise<string>;
  operations(path: string): Promise<string>;
  reload(): void;
  /** Lines logged so far. */
  logged(): string;
  /** Stops it. @returns all that it said: answers without patches, standard output and error, metrics and probes */
  end(): Promise<string>;
  /** The same, once it has ended by itself. */
  ended(): Promise<string>;
}

export interface PostOptions {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Starts `serve` with a certificate of its own, and logs all that there is to log. */
export async function serveCanaries(
  program: string,
  { folder, config, environment }: CanaryFolder,
): Promise<CanaryWebhook> {
  const caFile = join(folder, "ca.crt");
  const ports = ["--host", "127.0.0.1", "--port", "0", "--operations-port", "0"];
  const args = ["serve", ...ports, "--self-signed", "--ca-file", caFile, "--log-level", "debug", "--config", config];
  const child = start(program, args, { environment });
  onTestFinished(() => void child.kill("SIGKILL"));
  const exit = once(child, "close");
  let output = "";
  let complaints = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("latin1")));
  child.stderr.on("data", (chunk: Buffer) => (complaints += chunk.toString("latin1")));
  const serving = (): Record<string, number> | undefined => {
    const line = output.split("\n").find((entry) => entry.includes('"message":"serving"'));
    return line === undefined ? undefined : (JSON.parse(line) as Record<string, number>);
  };
  await expect.poll(() => serving() ?? (complaints || undefined), { timeout: 20_000, interval: 20 }).toBeDefined();
  if (serving() === undefined) throw new Error(complaints);
  const { port = 0, operationsPort = 0 } = serving() ?? {};
  const ca = readFileSync(caFile, "utf8");
  const answers: string[] = [];
  const operations = async (path: string): Promise<string> => {
    const [response] = (await once(get({ port: operationsPort, path, agent: false }), "response")) as [IncomingMessage];
    const body = await text(response);
    answers.push(JSON.stringify(response.rawHeaders), body);
    return body;
  };
  return {
    operations,
    async post(body, { path = REVIEW_PATH, method = "POST", headers = {} } = {}) {
      const lengths = { "Content-Length": String(Buffer.byteLength(body)) };
      const options = { host: "127.0.0.1", port, ca, path, method, agent: false };
      const sent = request({ ...options, headers: { ...API_SERVER_HEADERS, ...lengths, ...headers } }).end(body);
      // A body that is too large is answered before it is read whole; what is still written then fails.
      sent.on("error", () => {});
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      const { rest, patch } = withoutPatch(await text(response));
      answers.push(String(response.statusCode), JSON.stringify(response.rawHeaders), rest);
      return patch;
    },
    reload: () => void child.kill("SIGHUP"),
    logged: () => output,
    async ended() {
      await exit;
      return [...answers, output, complaints].join("\n");
    },
    async end() {
      for (const path of ["/metrics", "/readyz", "/healthz", "/nothing"]) {
        await operations(path);
      }
      child.kill("SIGTERM");
      await exit;
      return [...answers, output, complaints].join("\n");
    },
  };
}

/** An answer and its decoded patch. */
function withoutPatch(answer: string): { readonly rest: string; readonly patch: string } {
  const patch = /"patch":"([A-Za-z0-9+/=]*)"/.exec(answer)?.[1];
  if (patch === undefined) return { rest: answer, patch: "" };
  return { rest: answer.replace(patch, ""), patch: Buffer.from(patch, "base64").toString() };
}
