import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { composeFile } from "../../src/compose/from-file.ts";
import { pluginSource } from "../compose/plugin-folder.ts";
import { podAsking } from "./pods.ts";
import { folderOf, linesOf, run } from "./running.ts";

/** Writes into the pod that it got, and hands it back as if it were another one. */
const WRITER = pluginSource({
  create: `() => ({
    name: "acme",
    inject: (pod) => {
      (pod.spec.containers[0].env ??= []).push({ name: "A", value: "v" });
      return { outcome: "injected", pod };
    },
  })`,
});
const log = { debug() {}, info() {}, warn() {}, error() {} };

describe("a manager from a file that writes to its pod", () => {
  const folder = (): string =>
    folderOf({ "acme.mjs": WRITER, "config.yaml": "global: false\nmanagers: [{ use: ./acme.mjs }]\n" });

  it.each(["inject", "explain"])("is found out by %s", async (command) => {
    const args = [command, "--config", join(folder(), "config.yaml"), "-"];
    const { exit, stdout, stderr } = await run(args, { stdin: JSON.stringify(podAsking()) });
    expect(exit).toBe(1);
    expect(stdout + stderr).toMatch(/acme.+E_INJECTOR_FAILED.+it failed with TypeError|E_INJECTOR_FAILED: .*acme/);
  });

  it("is found out by --review", async () => {
    const request = {
      uid: "u",
      operation: "CREATE",
      namespace: "default",
      resource: { group: "", version: "v1", resource: "pods" },
      object: podAsking(),
    };
    const stdin = JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request });
    const { stdout } = await run(["inject", "--review", "--config", join(folder(), "config.yaml"), "-"], { stdin });
    expect(linesOf(stdout).map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { response: { allowed: false, status: { message: expect.stringContaining("E_INJECTOR_FAILED") as unknown } } },
    ]);
  });
});

describe("the webhook", () => {
  it.each([
    ["freezes pods when a manager is not built in", "managers: [{ use: k8s }, { use: ./acme.mjs }]", "freeze"],
    ["trusts its injectors when all are built in, for speed", "managers: [{ use: k8s }]", "trust"],
  ])("%s", async (_, config, isolation) => {
    const folder = folderOf({ "acme.mjs": WRITER, "config.yaml": config });
    const composed = await composeFile(join(folder, "config.yaml"), log);
    if (!composed.ok) throw new Error("the config is wrong", { cause: composed.problems });
    expect(composed.composition.settings.isolation).toBe(isolation);
    await composed.composition.dispose();
  });
});
