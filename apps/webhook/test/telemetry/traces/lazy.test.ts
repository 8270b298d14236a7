/** What `serve` loads for traces, and when. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

import { builtCommand, start } from "../../cli/built-command.ts";
import { folderOf } from "../../cli/running.ts";
import { A_SECRET, podWith, reviewOf } from "../../server/reviews.ts";
import { API_SERVER_HEADERS, REVIEW_PATH } from "../../server/started-webhook.ts";
import { startReceiver } from "./otlp-receiver.ts";

const command = builtCommand();

/** Writes down each module that Node loads. */
const TRACER = `data:text/javascript,${encodeURIComponent(`
  import { appendFileSync } from "node:fs";
  import { registerHooks } from "node:module";
  registerHooks({ load(url, context, next) { appendFileSync(process.env.TRACE, url + "\\n"); return next(url, context); } });
`)}`;

interface Loaded {
  readonly beforeAdmissions: boolean;
  readonly afterOne: boolean;
}

/** Whether the SDK was in the process. */
async function sdkLoadedBy(config: object): Promise<Loaded> {
  const folder = folderOf({ "config.yaml": JSON.stringify({ ...config, server: { drainSeconds: 0 } }) });
  const trace = join(folder, "trace.txt");
  const ca = join(folder, "ca.crt");
  const ports = ["--host", "127.0.0.1", "--port", "0", "--operations-port", "0"];
  const args = ["serve", "--config", join(folder, "config.yaml"), "--self-signed", "--ca-file", ca, ...ports];
  const child = start(command().program, args, { environment: { TRACE: trace }, node: ["--import", TRACER] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const serving = (): string | undefined => output.split("\n").find((line) => line.includes('"message":"serving"'));
  await expect.poll(serving, { timeout: 20_000 }).toBeDefined();
  const beforeAdmissions = hasSdk(trace);
  const { port } = JSON.parse(serving() ?? "{}") as { readonly port: number };
  await post(port, readFileSync(ca, "utf8"), reviewOf(podWith(A_SECRET)));
  child.kill("SIGTERM");
  await once(child, "close");
  return { beforeAdmissions, afterOne: hasSdk(trace) };
}

function hasSdk(trace: string): boolean {
  const chunks = readFileSync(trace, "utf8")
    .split("\n")
    .map((url) => url.slice(url.lastIndexOf("/") + 1));
  const sources = chunks.flatMap((chunk) => command().contents.get(chunk) ?? []);
  expect(sources.some((source) => source.includes("/node_modules/pino/"))).toBe(true);
  return sources.some((source) => source.includes("/node_modules/@opentelemetry/"));
}

async function post(port: number, ca: string, body: string): Promise<void> {
  const headers = { ...API_SERVER_HEADERS, "Content-Length": String(Buffer.byteLength(body)) };
  const sent = request({ host: "127.0.0.1", port, ca, path: REVIEW_PATH, method: "POST", agent: false, headers });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [NodeJS.ReadableStream];
  response.resume();
  await once(response, "end");
}

describe("OpenTelemetry's SDK is loaded", () => {
  test("never, where nobody asks for traces", async () => {
    expect(await sdkLoadedBy({})).toEqual({ beforeAdmissions: false, afterOne: false });
  });

  test("by the first admission that is traced, whose spans are sent before the end", async () => {
    await using collector = await startReceiver();
    const loaded = await sdkLoadedBy({ telemetry: { traces: { endpoint: collector.endpoint } } });
    expect(loaded).toEqual({ beforeAdmissions: false, afterOne: true });
    expect(collector.spans().map(({ name }) => name)).toContain("admission");
  });
});
