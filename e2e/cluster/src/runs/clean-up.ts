/** Takes away everything that a run left, from what its state says. */
import { rm } from "node:fs/promises";

import { end } from "../processes/end.ts";
import { run } from "../processes/run.ts";
import { removeControlGroup } from "./control-group.ts";
import type { RunState } from "./state.ts";

/**
 * Ends the processes, the latest first, and removes control group and folder. Can be repeated.
 *
 * The node needs no more than that: its processes, mounts, bridge and packet rules live in namespaces of their own,
 * which end with the first process in them.
 * @throws ClusterError `E_CLUSTER_CLEAN_UP` when something stays
 */
export async function cleanUp(directory: string, { processes, cgroup, device }: RunState): Promise<void> {
  for (const tracked of processes.toReversed()) await end([tracked]);
  // It goes with the node's network, but not at once.
  if (device !== undefined) await run("ip", ["link", "delete", device]);
  if (cgroup !== undefined) await removeControlGroup(cgroup);
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
