/** The images of a node. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";

import { ClusterError } from "../errors.ts";
import { RUNTIME_SOCKET, type Snapshotter } from "../node/container-runtime.ts";
import { inNode } from "../node/namespaces.ts";
import { lastLines, run as runProgram } from "../processes/run.ts";
import type { Run } from "../runs/run.ts";
import { writeArchive, type LocalImage } from "./archive.ts";

export interface ImageStore {
  /**
   * Loads a docker or OCI archive.
   * @throws ClusterError `E_CLUSTER_IMAGE`
   */
  loadImage(archive: string): Promise<void>;
  /**
   * Makes an image of files of this machine, and loads it.
   * @throws ClusterError `E_CLUSTER_IMAGE`
   */
  addImage(image: LocalImage): Promise<void>;
}

/** @param pid of the process that made the node's namespaces */
export function createImageStore(run: Run, pid: number, snapshotter: Snapshotter): ImageStore {
  return {
    loadImage: (archive) => loadArchive(pid, snapshotter, archive),
    addImage: async (image) => {
      const archive = run.path("images", `${encodeURIComponent(image.name)}.tar`);
      await writeArchive(image, archive);
      await loadArchive(pid, snapshotter, archive);
      await rm(archive);
    },
  };
}

/**
 * Loads a docker or OCI archive.
 * @param pid of the process that made the node's namespaces
 * @throws ClusterError `E_CLUSTER_IMAGE`
 */
export async function loadArchive(pid: number, snapshotter: Snapshotter, archive: string): Promise<void> {
  if (!existsSync(archive)) throw new ClusterError("E_CLUSTER_IMAGE", `there is no ${archive}`, "Correct the path.");
  const containerd = ["ctr", "--address", RUNTIME_SOCKET, "--namespace", "k8s.io"];
  const { program, args } = inNode(pid, [...containerd, "images", "import", "--snapshotter", snapshotter, archive]);
  const { code, stdout, stderr } = await runProgram(program, args);
  if (code === 0) return;
  const words = lastLines(stderr || stdout, 2);
  throw new ClusterError(
    "E_CLUSTER_IMAGE",
    `${archive} cannot be loaded: ${words}`,
    "Give an archive as `docker save` or `skopeo copy ... oci-archive:FILE` writes it.",
  );
}
