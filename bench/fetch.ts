/**
 * `node scripts/bootstrap.mjs --build bench/fetch.ts [RUNS]`: time and memory of the built fetcher, from the start of the
 * process to its end, and whether anything is lost. Twenty runs for one secret and RUNS (50) for twenty, against a
 * server on 127.0.0.1 by TLS that answers as AWS Secrets Manager does, four runs at once.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { formatRequest, type FetchRequest } from "../packages/secret-fetch/src/request.ts";
import { selfSigned } from "../packages/secret-fetch/test/rig/certificate.ts";
import { serveLoopback } from "../packages/secret-fetch/test/rig/loopback-server.ts";
import { median } from "./statistics.ts";

const [runs = "50"] = process.argv.slice(2);

const PROGRAM = join(import.meta.dirname, "../packages/secret-fetch/dist/bin/pod-secrets-fetch.mjs");
/** Runs at once where it is the number that counts. */
const AT_ONCE = 4;
/** Says what the process has taken: kilobytes at its peak. */
const PEAK = `data:text/javascript,process.on("exit",()=>console.log(process.resourceUsage().maxRSS))`;

interface Run {
  readonly milliseconds: number;
  readonly kilobytes: number;
  /** Secrets that are not there, or not as they should be. */
  readonly lost: number;
}

interface Store {
  readonly url: string;
  readonly caFile: string;
  readonly folder: string;
}

async function fetchOnce({ url, caFile, folder }: Store, secrets: number): Promise<Run> {
  const volume = mkdtempSync(join(folder, "volume-"));
  const settings = { region: "us-east-1", endpoints: { secretsmanager: url }, caFile };
  const names = Array.from({ length: secrets }, (_value, index) => `secret-${index}`);
  const request: FetchRequest = {
    version: 1,
    volume,
    providers: { aws: { use: "aws-secretsmanager", settings } },
    items: names.map((name) => ({ name, provider: "aws", source: { secretId: name }, files: [{ path: name }] })),
  };
  const env = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "key", POD_SECRETS_FETCH: formatRequest(request) };
  const started = performance.now();
  const child = spawn(process.execPath, ["--import", PEAK, PROGRAM], { env, stdio: ["ignore", "pipe", "ignore"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await once(child, "close");
  const milliseconds = performance.now() - started;
  const lost = names.filter((name) => contentOf(join(volume, name)) !== valueOf(name)).length;
  rmSync(volume, { recursive: true });
  return { milliseconds, kilobytes: Number(output), lost };
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

const valueOf = (name: string): string => `value of ${name}`;

async function measure(store: Store, title: string, count: number, secrets: number, atOnce: number): Promise<void> {
  const done: Run[] = [];
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) done.push(await fetchOnce(store, secrets));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const times = done.map(({ milliseconds }) => milliseconds);
  const peaks = done.map(({ kilobytes }) => kilobytes / 1024);
  const lost = done.reduce((sum, run) => sum + run.lost, 0);
  const worst = Math.max(...times).toFixed(0);
  console.log(
    `${title}: ${count} runs, ${median(times).toFixed(0)} ms (longest ${worst} ms), ` +
      `${median(peaks).toFixed(1)} MiB at the peak (most ${Math.max(...peaks).toFixed(1)}), ${lost} secrets lost`,
  );
  if (lost > 0) process.exitCode = 1;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "fetch-bench-"));
  const identity = await selfSigned();
  const caFile = join(folder, "ca.crt");
  writeFileSync(caFile, identity.cert);
  const server = await serveLoopback(({ body }, response) => {
    const { SecretId } = JSON.parse(body) as { SecretId: string };
    response.end(JSON.stringify({ Name: SecretId, SecretString: valueOf(SecretId) }));
  }, identity);
  const store = { url: server.url.href, caFile, folder };
  try {
    await measure(store, "one secret", 20, 1, 1);
    await measure(store, `twenty secrets, ${AT_ONCE} at once`, Number(runs), 20, AT_ONCE);
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
