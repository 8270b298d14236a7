/**
 * `npm run bench [-- --short] [--json FILE] [--check]`: what an admission costs.
 *
 * The built webhook serves in one process on one core, the load comes from another process on another core, over
 * kept TLS connections. Beside it stand the floor, a bare HTTPS server, and a server that parses the review and
 * writes it again, measured in turns with it. CPU time is what the operating system counts. So is memory, of another
 * process, which runs as in its container: Node gives its heap what there is. After that, the built fetcher, from a
 * server that answers at once; bench/fetch.ts measures it with real stores, too.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { makeSelfSigned } from "../apps/webhook/src/certificates/self-signed.ts";
import { measureFetches, type FetchResult } from "./fetcher/measure.ts";
import { startStandIn } from "./fetcher/store.ts";
import { startLoad, type Load } from "./load/load.ts";
import { flood, measureCosts, type Pace, type Server } from "./measure.ts";
import { measureMemory, type Memory } from "./memory.ts";
import { startMeasured, type MeasuredProcess } from "./measured-process.ts";
import { printReport, type Report, type RowResult, type SeriesResult } from "./report.ts";
import { reviewOf, type PodShape } from "./reviews.ts";
import { CONNECTIONS, FIXED_RATE, ROWS, series } from "./rows.ts";
import { median, percentile } from "./statistics.ts";

const root = join(import.meta.dirname, "..");
const FLOOR = join(import.meta.dirname, "servers", "floor.mjs");
const { values: flags } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    json: { type: "string", default: join(import.meta.dirname, "results.json") },
    check: { type: "boolean", default: false },
  },
});

/** Times in milliseconds. */
const PLAN = flags.short
  ? {
      warmUp: 500,
      row: { warmUp: 100, turn: 250, turns: 4 },
      series: { warmUp: 100, turn: 250, turns: 3 },
      rate: 3000,
      starts: 5,
      memory: 500,
      fetches: 20,
    }
  : {
      warmUp: 3000,
      row: { warmUp: 500, turn: 1000, turns: 9 },
      series: { warmUp: 500, turn: 800, turns: 5 },
      rate: 20_000,
      starts: 15,
      memory: 4000,
      fetches: 200,
    };

interface Bench {
  readonly webhook: MeasuredProcess;
  readonly floor: MeasuredProcess;
  readonly parse: MeasuredProcess;
  readonly load: Load;
  readonly ca: string;
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const ca = await writeCertificate(directory);
    const ready = await measureStarts(directory);
    const bench: Bench = {
      webhook: await startMeasured(webhookArgs(directory)),
      floor: await startMeasured([FLOOR, directory]),
      parse: await startMeasured([FLOOR, directory, "parse"]),
      load: startLoad(availableParallelism()),
      ca,
    };
    const admissions = await measureAll(bench, ready);
    await Promise.all([bench.webhook.stop(), bench.floor.stop(), bench.parse.stop()]);
    const memory = await measureMemoryOf(directory, bench.load, ca);
    bench.load.stop();
    const report = { ...admissions, memory, fetches: await measureFetcher(directory) };
    const isMet = printReport(report);
    writeFileSync(flags.json, `${JSON.stringify(report, undefined, 2)}\n`);
    if (flags.check && !isMet) process.exitCode = 1;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function writeCertificate(directory: string): Promise<string> {
  const { certificate, ca } = await makeSelfSigned(Date.now());
  writeFileSync(join(directory, "tls.crt"), certificate.certificate);
  writeFileSync(join(directory, "tls.key"), certificate.key);
  return ca;
}

function webhookArgs(directory: string): readonly string[] {
  const program = join(root, "apps", "webhook", "dist", "main.mjs");
  const ports = ["--host", "127.0.0.1", "--port", "0", "--operations-port", "0"];
  return [program, "serve", "--certificates", directory, ...ports];
}

/** From the start of the process to its being ready, in milliseconds. */
async function measureStarts(directory: string): Promise<number> {
  const times: number[] = [];
  for (let start = 0; start < PLAN.starts; start++) {
    const webhook = await startMeasured(webhookArgs(directory));
    times.push(webhook.ready);
    await webhook.stop();
  }
  return median(times);
}

async function measureFetcher(directory: string): Promise<readonly FetchResult[]> {
  say("the fetcher");
  await using store = await startStandIn(directory);
  const one = await measureFetches(store, { fetches: 20, secrets: 1, atOnce: 1 });
  return [one, await measureFetches(store, { fetches: PLAN.fetches, secrets: 20, atOnce: 4 })];
}

async function measureAll(bench: Bench, ready: number): Promise<Omit<Report, "memory" | "fetches">> {
  say("nothing yet, but warming up");
  for (const { shape } of ROWS) await measureShape(bench, shape, { warmUp: PLAN.warmUp, turn: 1, turns: 1 });
  const rows: RowResult[] = [];
  for (const { name, shape, target } of ROWS) {
    say(name);
    rows.push({ name, ...(await measureShape(bench, shape, PLAN.row)), ...(target === undefined ? {} : { target }) });
  }
  const latency = await measureLatency(bench);
  const all: SeriesResult[] = [];
  for (const { name, counts, shape } of series(flags.short)) {
    say(`${counts.join(", ")} ${name}`);
    // In turns: what the machine does meanwhile falls on all of them alike.
    const servers = counts.map((count) => webhookServer(bench, reviewOf(shape(count))));
    const costs = await measureCosts(bench.load, servers, PLAN.series);
    const points = counts.map((count, index) => ({ count, cpu: costs[index]?.cpu ?? Number.NaN }));
    all.push({ name, points });
  }
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? "unknown processor"}`;
  return {
    node: process.versions.node,
    machine,
    systemLoad: loadavg()[0] ?? 0,
    rows,
    series: all,
    latency,
    ready,
  };
}

function measureMemoryOf(directory: string, load: Load, ca: string): Promise<Memory> {
  say("memory");
  const bodies = ROWS.map(({ shape }) => reviewOf(shape));
  return measureMemory(load, {
    webhook: webhookArgs(directory),
    floor: [FLOOR, directory],
    each: PLAN.memory,
    targetsOf: (process, server) =>
      bodies.map((body) => ({
        ...targetOf(process, body, ca),
        ...(server === "floor" ? { path: `/${body.length}` } : {}),
      })),
  });
}

type ShapeResult = Omit<RowResult, "name" | "target">;

async function measureShape(bench: Bench, shape: PodShape, pace: Pace): Promise<ShapeResult> {
  const { load, ca } = bench;
  const body = reviewOf(shape);
  const webhook = webhookServer(bench, body);
  // The others answer with as much.
  const { answerBytes } = await flood(load, webhook.target, 1);
  const others = [bench.parse, bench.floor].map((process): Server => ({
    process,
    target: { ...targetOf(process, body, ca), path: `/${answerBytes}` },
  }));
  const [own, parse, floor] = await measureCosts(load, [webhook, ...others], pace);
  if (own === undefined || floor === undefined || parse === undefined) throw new Error("a server was not measured");
  return {
    bytes: body.length,
    answerBytes,
    cpu: own.cpu,
    ratio: own.ratio,
    floorCpu: floor.cpu,
    parseCpu: parse.cpu,
    perSecond: own.perSecond,
    floorPerSecond: floor.perSecond,
  };
}

function webhookServer({ webhook, ca }: Bench, body: string): Server {
  return { process: webhook, target: targetOf(webhook, body, ca) };
}

function targetOf({ port }: MeasuredProcess, body: string, ca: string): Server["target"] {
  return { port, path: "/mutate--v1-pod?timeout=10s", body, ca };
}

async function measureLatency(bench: Bench): Promise<Report["latency"]> {
  const body = reviewOf(ROWS[1]?.shape ?? { containers: 1, secrets: 1, mount: "ENV_VAR", bytes: 5000 });
  const latencyOf = async (process: MeasuredProcess, path?: string): Promise<{ p50: number; p99: number }> => {
    const target = targetOf(process, body, bench.ca);
    say(`${FIXED_RATE} requests per second`);
    const { latencies } = await bench.load.run({
      target: path === undefined ? target : { ...target, path },
      connections: CONNECTIONS,
      order: { kind: "rate", milliseconds: PLAN.rate, perSecond: FIXED_RATE },
    });
    return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
  };
  return {
    perSecond: FIXED_RATE,
    webhook: await latencyOf(bench.webhook),
    parse: await latencyOf(bench.parse, "/1000"),
    floor: await latencyOf(bench.floor, "/1000"),
  };
}

function say(text: string): void {
  process.stderr.write(`measuring ${text} ...\n`);
}

await main();
