/** Resident memory of the webhook as it runs in its container, and of the floor beside it. */
import { setTimeout as sleep } from "node:timers/promises";

import { chartLimit, imageSettings, limitMemory, type MemoryLimit } from "./container.ts";
import type { Load } from "./load/load.ts";
import { flood, type Server } from "./measure.ts";
import { startMeasured, type MeasuredProcess } from "./measured-process.ts";

/** In MB. */
export interface MemoryOf {
  readonly idle: number;
  readonly loaded: number;
}

export interface Memory {
  readonly webhook: MemoryOf;
  readonly floor: MemoryOf;
  /** The limit under which it was measured, in MiB; absent where none could be set. */
  readonly limit?: number;
}

export interface MemoryPlan {
  /** Arguments of Node. */
  readonly webhook: readonly string[];
  readonly floor: readonly string[];
  /** What each is asked, one after the other. */
  readonly targetsOf: (process: MeasuredProcess, server: "webhook" | "floor") => readonly Server["target"][];
  /** How long, in milliseconds. */
  readonly each: number;
}

export async function measureMemory(load: Load, plan: MemoryPlan): Promise<Memory> {
  const limit = chartLimit();
  const measure = async (server: "webhook" | "floor"): Promise<MemoryOf & { readonly isLimited: boolean }> => {
    using group = limitMemory(limit);
    const figures = await measureOne(load, server, plan, group);
    return { ...figures, isLimited: group !== undefined };
  };
  const { isLimited, ...webhook } = await measure("webhook");
  const { isLimited: _, ...floor } = await measure("floor");
  return { webhook, floor, ...(isLimited ? { limit } : {}) };
}

/** Milliseconds after it serves, in which the webhook lets go of what its start has left behind. */
const AT_REST = 5000;

async function measureOne(
  load: Load,
  server: "webhook" | "floor",
  { each, targetsOf, ...args }: MemoryPlan,
  group: MemoryLimit | undefined,
): Promise<MemoryOf> {
  const { flags, env } = imageSettings();
  const process = await startMeasured([...flags, ...args[server]], {
    env,
    ...(group === undefined ? {} : { group: group.processes }),
  });
  await sleep(AT_REST);
  const idle = process.rss();
  for (const target of targetsOf(process, server)) await flood(load, target, each);
  const loaded = process.rss();
  await process.stop();
  return { idle, loaded };
}
