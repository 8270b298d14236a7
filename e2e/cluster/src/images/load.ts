/** Images into the node. */
import { existsSync } from "node:fs";

import { ClusterError } from "../errors.ts";
import { RUNTIME_SOCKET, type Snapshotter } from "../node/container-runtime.ts";
import { inNode } from "../node/namespaces.ts";
import { lastLines, run } from "../processes/run.ts";

/**
 * Loads a docker or OCI archive.
 * @param pid of the process that made the node's namespaces
 * @throws ClusterError `E_CLUSTER_IMAGE`
 */
export async function loadArchive(pid: number, snapshotter: Snapshotter, archive: string): Promise<void> {
  if (!existsSync(archive)) throw new ClusterError("E_CLUSTER_IMAGE", `there is no ${archive}`, "Correct the path.");
  const containerd = ["ctr", "--address", RUNTIME_SOCKET, "--namespace", "k8s.io"];
  const { program, args } = inNode(pid, [...containerd, "images", "import", "--snapshotter", snapshotter, archive]);
  const { code, stdout, stderr } = await run(program, args);
  if (code === 0) return;
  const words = lastLines(stderr || stdout, 2);
  throw new ClusterError(
    "E_CLUSTER_IMAGE",
    `${archive} cannot be loaded: ${words}`,
    "Give an archive as `docker save` or `skopeo copy ... oci-archive:FILE` writes it.",
  );
}
