/** The image of the init container, by deploy/Dockerfile.fetch, with an authority of the test's beside the program. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { bundleProgram } from "../../../packages/secret-fetch/test/rig/bundle.ts";
import type { Node } from "../../cluster/src/index.ts";
import { buildWebhookImage } from "../../images/webhook-image.ts";

/** Where the authority stands in the image. */
export const CA_FILE = "/app/ca.crt";

/** @param ca in PEM @returns the name of the image, which the node has */
export async function loadFetchImage(node: Node, ca: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "pod-secrets-fetch-image-"));
  const program = await bundleProgram();
  try {
    const bundle = dirname(program.main);
    writeFileSync(join(bundle, "ca.crt"), ca);
    const archive = join(folder, "image.tar");
    const repository = "docker.io/local/pod-secrets-fetch";
    const image = await buildWebhookImage({
      dockerfile: "Dockerfile.fetch",
      bundle,
      repository,
      version: "1",
      archive,
    });
    await node.loadImage(archive);
    return image.name;
  } finally {
    program.remove();
    rmSync(folder, { recursive: true });
  }
}
