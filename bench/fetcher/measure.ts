/** Time and memory of the built fetcher, from the start of its process to its end, and whether anything is lost. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { formatRequest, type FetchRequest } from "../../packages/secret-fetch/src/request.ts";
import { median, percentile } from "../statistics.ts";
import { SECRETS, valueOf, type Store } from "./store.ts";

/** What is measured: so many processes, each of which fetches so many secrets. */
export interface FetchPlan {
  readonly fetches: number;
  /** At most as many as a store has. */
  readonly secrets: number;
  /** Processes at once. */
  readonly atOnce: number;
}

/** Times in milliseconds, memory in MB. */
export interface FetchResult extends FetchPlan {
  readonly store: string;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** At the peak of a process. */
  readonly rss: number;
  readonly mostRss: number;
  /** Secrets that are not there when the process has ended, or not as they should be. */
  readonly lost: number;
}

interface Fetch {
  readonly milliseconds: number;
  readonly megabytes: number;
  readonly lost: number;
}

const PROGRAM = join(import.meta.dirname, "../../packages/secret-fetch/dist/bin/pod-secrets-fetch.mjs");
/** As deploy/Dockerfile.fetch starts it. */
const FLAGS = ["--no-opt", "--no-maglev"];
/** Says what the process has taken: kilobytes at its peak. */
const PEAK = `data:text/javascript,process.on("exit",()=>console.log(process.resourceUsage().maxRSS))`;

export async function measureFetches(store: Store, plan: FetchPlan): Promise<FetchResult> {
  const folder = mkdtempSync(join(tmpdir(), "fetch-bench-"));
  const names = SECRETS.slice(0, plan.secrets);
  const done: Fetch[] = [];
  let left = plan.fetches;
  const worker = async (): Promise<void> => {
    while (left-- > 0) done.push(await fetchOnce(store, names, folder));
  };
  try {
    await Promise.all(Array.from({ length: plan.atOnce }, worker));
  } finally {
    rmSync(folder, { recursive: true });
  }
  const times = done.map(({ milliseconds }) => milliseconds);
  const peaks = done.map(({ megabytes }) => megabytes);
  return {
    ...plan,
    store: store.name,
    p50: median(times),
    p99: percentile(times, 0.99),
    longest: Math.max(...times),
    rss: median(peaks),
    mostRss: Math.max(...peaks),
    lost: done.reduce((sum, { lost }) => sum + lost, 0),
  };
}

async function fetchOnce(store: Store, names: readonly string[], folder: string): Promise<Fetch> {
  const volume = mkdtempSync(join(folder, "volume-"));
  const request: FetchRequest = {
    version: 1,
    volume,
    providers: { store: store.provider },
    items: names.map((name) => ({ name, provider: "store", source: store.sourceOf(name), files: [{ path: name }] })),
  };
  const env = { ...store.env, POD_SECRETS_FETCH: formatRequest(request) };
  const started = performance.now();
  const child = spawn(process.execPath, [...FLAGS, "--import", PEAK, PROGRAM], { env });
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await once(child, "close")) as [number | null];
  const milliseconds = performance.now() - started;
  const [peak, report] = await said;
  if (code !== 0) process.stderr.write(report);
  const lost = names.filter((name) => contentOf(join(volume, name)) !== valueOf(name)).length;
  rmSync(volume, { recursive: true });
  return { milliseconds, megabytes: (Number(peak) * 1024) / 1e6, lost };
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
