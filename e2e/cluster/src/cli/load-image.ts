/** `load-image FILE`: an image for pods, since there is no registry. */
import { resolve } from "node:path";

import { ClusterError } from "../errors.ts";
import { loadArchive } from "../images/store.ts";
import { NAMESPACES } from "../node/namespaces.ts";
import type { RunState } from "../runs/state.ts";
import { requireBackground } from "./background.ts";

/** @throws ClusterError */
export async function loadImage(file: string): Promise<void> {
  const { pid, snapshotter } = requireNode();
  await loadArchive(pid, snapshotter, resolve(file));
}

interface NodeOfCluster {
  /** Of the process that made its namespaces. */
  readonly pid: number;
  readonly snapshotter: NonNullable<RunState["snapshotter"]>;
}

/** @throws ClusterError `E_CLUSTER_NOT_RUNNING` where there is no cluster, or none with a node */
export function requireNode(): NodeOfCluster {
  const { processes, snapshotter } = requireBackground().state;
  const namespaces = processes.find(({ part }) => part === NAMESPACES);
  if (namespaces !== undefined && snapshotter !== undefined) return { pid: namespaces.pid, snapshotter };
  const fix = "Start one with `npm run -s cluster -- up`, as root on Linux.";
  throw new ClusterError("E_CLUSTER_NOT_RUNNING", "the cluster has no node to load an image into", fix);
}
