/** `load-image FILE`: an image for pods, since there is no registry. */
import { resolve } from "node:path";

import { ClusterError } from "../errors.ts";
import { loadArchive } from "../images/store.ts";
import { NAMESPACES } from "../node/namespaces.ts";
import { requireBackground } from "./background.ts";

/** @throws ClusterError */
export async function loadImage(file: string): Promise<void> {
  const { processes, snapshotter } = requireBackground().state;
  const namespaces = processes.find(({ part }) => part === NAMESPACES);
  if (namespaces === undefined || snapshotter === undefined) {
    const fix = "Start one with `npm run -s cluster -- up`, as root on Linux.";
    throw new ClusterError("E_CLUSTER_NOT_RUNNING", "the cluster has no node to load an image into", fix);
  }
  await loadArchive(namespaces.pid, snapshotter, resolve(file));
}
