/** The image by deploy/Dockerfile.fetch, built here by buildah on a base of this machine's Node. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

import { bundleProgram } from "../../../packages/secret-fetch/test/rig/bundle.ts";
import { needing } from "../../cluster/src/index.ts";
import { imageSupport } from "../../images/buildah.ts";
import { buildWebhookImage } from "../../images/webhook-image.ts";

test(
  "the image for the init container is the program alone, as a user by number who is not root",
  needing(imageSupport()),
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "pod-secrets-fetch-image-test-"));
    const bundle = await bundleProgram();
    try {
      const { config, added } = await buildWebhookImage({
        dockerfile: "Dockerfile.fetch",
        bundle: dirname(bundle.main),
        repository: "docker.io/local/pod-secrets-fetch",
        version: "1.2.3",
        archive: join(folder, "image.tar"),
      });
      expect(added.files.toSorted()).toEqual(["app/", "app/THIRD-PARTY-LICENSES.txt", "app/pod-secrets-fetch.mjs"]);
      expect(added.bytes).toBeLessThanOrEqual(1_000_000);
      expect(config).toMatchObject({
        User: "65532:65532",
        Entrypoint: ["/nodejs/bin/node", "--no-opt", "--no-maglev", "/app/pod-secrets-fetch.mjs"],
        Labels: { "org.opencontainers.image.title": "pod-secrets-fetch" },
      });
    } finally {
      bundle.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
