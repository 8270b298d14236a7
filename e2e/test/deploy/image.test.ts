/** The image by deploy/Dockerfile, built here by buildah on a base of this machine's Node. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { builtCommand } from "../../../apps/webhook/test/cli/built-command.ts";
import { needing } from "../../cluster/src/index.ts";
import { imageSupport } from "../../images/buildah.ts";
import { buildWebhookImage, type WebhookImage } from "../../images/webhook-image.ts";

describe("the image", needing(imageSupport()), () => {
  const command = builtCommand();
  let folder: string;
  let image: WebhookImage;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pod-secrets-image-test-"));
    const bundle = dirname(command().program);
    image = await buildWebhookImage({ bundle, version: "1.2.3", archive: join(folder, "image.tar") });
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("adds the bundle to its base, and nothing else", () => {
    const outside = image.added.files.filter((file) => file !== "app/" && !/^app\/[^/]+\.(mjs|txt)$/.test(file));

    expect(image.added.files).toContain("app/main.mjs");
    expect(outside).toEqual([]);
  });

  test("adds 3 MB at most", () => {
    expect(image.added.bytes).toBeGreaterThan(100_000);
    expect(image.added.bytes).toBeLessThanOrEqual(3_000_000);
  });

  test("runs as a user by number who is not root, and ends by SIGTERM", () => {
    expect(image.config).toMatchObject({
      User: "65532:65532",
      StopSignal: "SIGTERM",
      ExposedPorts: { "9443/tcp": {}, "8081/tcp": {} },
      Cmd: ["serve"],
      Labels: { "org.opencontainers.image.version": "1.2.3" },
    });
  });
});
