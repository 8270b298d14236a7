/** Ends processes that were started here, and nobody else's. */
import { setTimeout as sleep } from "node:timers/promises";

import { ClusterError } from "../errors.ts";
import { isRunning, type ProcessIdentity } from "./identity.ts";

/** Sends a signal, if it is still the process that was started. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/**
 * Ends processes at once.
 * @throws ClusterError `E_CLUSTER_CLEAN_UP` when one is still there after a while
 */
export async function end(identities: readonly ProcessIdentity[]): Promise<void> {
  for (const identity of identities) signal(identity, "SIGKILL");
  const late = await stillRunning(identities, PATIENCE);
  if (late.length === 0) return;
  throw new ClusterError(
    "E_CLUSTER_CLEAN_UP",
    `processes ${late.map(({ pid }) => pid).join(", ")} do not end`,
    "End them yourself, then run `npm run cluster -- down`.",
  );
}

/** Asks a process to end, and ends it when it takes too long. */
export async function endGently(identity: ProcessIdentity, patience: number): Promise<void> {
  signal(identity, "SIGTERM");
  await end(await stillRunning([identity], patience));
}

async function stillRunning(identities: readonly ProcessIdentity[], patience: number): Promise<ProcessIdentity[]> {
  const deadline = performance.now() + patience;
  let left = identities.filter(isRunning);
  while (left.length > 0 && performance.now() < deadline) {
    await sleep(STEP);
    left = left.filter(isRunning);
  }
  return left;
}

/** Milliseconds. */
const PATIENCE = 10_000;
const STEP = 10;

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ESRCH";
}
