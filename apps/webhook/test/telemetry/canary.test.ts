/**
 * The values of secrets reach the patch of the pod that asked for them, and nothing else: no log, metric,
 * message, warning or audit annotation.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { patchIn, podWith, responseIn, reviewOf } from "../server/reviews.ts";
import { startWebhook, type StartedWebhook } from "../server/started-webhook.ts";

const fromEnv = `canary-${randomBytes(12).toString("hex")}`;
const fromFile = `canary-${randomBytes(12).toString("hex")}`;
/** A value that no env var can hold. */
const broken = `canary-${randomBytes(12).toString("hex")}\u0000`;

const directory = mkdtempSync(join(tmpdir(), "canary-"));
let webhook: StartedWebhook;

beforeAll(async () => {
  process.env["CANARY_GROUP_ENV"] = fromEnv;
  mkdirSync(join(directory, "group"));
  writeFileSync(join(directory, "group", "file"), fromFile);
  writeFileSync(join(directory, "group", "broken"), broken);
  webhook = await startWebhook({
    config: `global: { envPrefix: CANARY_, directory: ${directory} }\nmanagers: [{ use: k8s }]\n`,
  });
});
afterAll(async () => {
  await webhook[Symbol.asyncDispose]();
  delete process.env["CANARY_GROUP_ENV"];
  rmSync(directory, { recursive: true });
});

function forms(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const reversed = [...value].toReversed().join("");
  return [value, reversed, bytes.toString("hex"), bytes.toString("base64").slice(2, -4), encodeURIComponent(value)];
}

const env = (key: string, more: object = {}): object => ({ group: "group", key, mountRequirement: "ENV_VAR", ...more });

test("whatever a pod asks for, values stand in its patch alone", async () => {
  const pods = [
    podWith(env("env")),
    podWith(env("file")),
    podWith(env("env"), env("file"), env("missing")),
    podWith(env("broken")),
    podWith(env("env", { mountRequirement: "FILE" })),
    podWith(env("env", { envVar: "LD_PRELOAD" })),
    podWith(env("env", { envVar: "SAME" }), env("file", { envVar: "SAME" })),
  ];
  const seen: unknown[] = [];
  const patches: unknown[] = [];
  for (const pod of pods) {
    const answer = await webhook.post(reviewOf(pod));
    const { patch: _, ...rest } = responseIn(answer);
    seen.push(rest, answer.headers);
    patches.push(patchIn(answer));
  }
  expect(JSON.stringify(patches)).toContain(fromEnv);
  expect(JSON.stringify(patches)).toContain(fromFile);

  seen.push(await webhook.logged(), await webhook.operations("/metrics"), await webhook.operations("/readyz"));
  const everything = JSON.stringify(seen);
  expect(everything).toContain("pod_secrets_admissions_total");
  expect(everything).toContain("admission refused");
  for (const value of [fromEnv, fromFile, broken.slice(0, -1)]) {
    for (const form of forms(value)) expect(everything).not.toContain(form);
  }
});
