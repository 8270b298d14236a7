/** `image` and `fetch-image`: an image built and loaded into the node, where there is neither docker nor a registry. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Say } from "../progress.ts";
import type { Program } from "./arguments.ts";
import { inTerminal } from "./in-terminal.ts";
import { loadImage, requireNode } from "./load-image.ts";

/** A program, since a package knows nothing of its neighbours. */
const BUILD = join(import.meta.dirname, "../../../images/build-image.ts");

/** @param name `REPOSITORY:TAG` @throws ClusterError */
export async function image(program: Program, name: string, say: Say): Promise<number> {
  requireNode();
  const folder = await mkdtemp(join(tmpdir(), "pod-secrets-cluster-image-"));
  try {
    const archive = join(folder, "image.tar");
    const code = await inTerminal(process.execPath, [BUILD, program, name, archive]);
    if (code !== 0) return code;
    await loadImage(archive);
    say(`Pods of the cluster can use ${name}.`);
    return 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
