/**
 * `node scripts/bootstrap.mjs --build bench/fetch.ts [FETCHES]`: time and memory of the built fetcher, from the start of
 * its process to its end, and whether anything is lost. Twenty fetches of one secret, one after the other, from a server
 * that answers at once; and FETCHES (50) of twenty secrets, four at once, from that server and, where there is a Python,
 * from those of the tests: AWS by moto, and Confidant. It fails when a secret is lost.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";

import { pythonSupport } from "../e2e/servers/index.ts";
import { measureFetches, type FetchPlan, type FetchResult } from "./fetcher/measure.ts";
import { startConfidantStore, startMotoStore } from "./fetcher/real-stores.ts";
import { startStandIn, type Store } from "./fetcher/store.ts";
import { fetchTable } from "./fetcher/table.ts";

const [fetches = "50"] = process.argv.slice(2);
if (!/^[1-9][0-9]{0,5}$/.test(fetches)) throw new Error(`FETCHES is ${fetches}: write a number from 1 to 999999`);

const ONE: FetchPlan = { fetches: 20, secrets: 1, atOnce: 1 };
const MANY: FetchPlan = { fetches: Number(fetches), secrets: 20, atOnce: 4 };

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "fetch-bench-"));
  try {
    const results = [...(await measureStore(() => startStandIn(folder), [ONE, MANY])), ...(await measureRealStores())];
    const processor = cpus()[0]?.model.trim() ?? "unknown processor";
    const load = (loadavg()[0] ?? 0).toFixed(1);
    console.log(`Node ${process.versions.node}, ${cpus().length} x ${processor}, load ${load}.\n`);
    console.log(fetchTable(results, (isMet) => (isMet ? "met" : "MISSED")));
    if (results.some(({ lost }) => lost > 0)) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One after the other: each has the machine to itself. */
async function measureRealStores(): Promise<readonly FetchResult[]> {
  const support = pythonSupport();
  if (support.kind === "supported")
    return [...(await measureStore(startMotoStore, [MANY])), ...(await measureStore(startConfidantStore, [MANY]))];
  console.warn(`Without moto and Confidant: ${support.reason}. ${support.fix}`);
  return [];
}

async function measureStore(start: () => Promise<Store>, plans: readonly FetchPlan[]): Promise<readonly FetchResult[]> {
  await using store = await start();
  const results: FetchResult[] = [];
  for (const plan of plans) {
    process.stderr.write(`measuring ${store.name}, ${plan.fetches} fetches of ${plan.secrets} ...\n`);
    results.push(await measureFetches(store, plan));
  }
  return results;
}

await main();
