/** The cluster in the background: the one that `up` starts, and the other commands mean. */
import { ClusterError } from "../errors.ts";
import { listRuns, type ListedRun } from "../runs/list.ts";

function findBackground(): ListedRun | undefined {
  return listRuns().find(({ kind }) => kind === "background");
}

/** @throws ClusterError `E_CLUSTER_NOT_RUNNING` */
export function requireBackground(): ListedRun {
  const found = findBackground();
  if (found?.state.server !== undefined) return found;
  throw new ClusterError("E_CLUSTER_NOT_RUNNING", "no cluster runs", "Start one with `npm run -s cluster -- up`.");
}

/** @throws ClusterError `E_CLUSTER_RUNNING` */
export function requireNone(): void {
  const found = findBackground();
  if (found === undefined) return;
  throw new ClusterError(
    "E_CLUSTER_RUNNING",
    `there is a cluster already, in ${found.directory}`,
    "Use it, or end it with `npm run -s cluster -- down`.",
  );
}
