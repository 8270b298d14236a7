/** Flyte's own pods where global secrets and Kubernetes Secrets play together, given by the composed webhook. */
import { readFileSync } from "node:fs";

import globalSecrets from "@pod-secrets/injector-global";
import { runVectors, type MutationVector, type VectorFile } from "@pod-secrets/injector-testkit";
import { afterEach, expect, test, vi } from "vitest";

import { composedOf, admitted } from "./composed.ts";

const path = new URL("../../../../packages/core/test/vectors/mutations.json", import.meta.url);
const file = JSON.parse(readFileSync(path, "utf8")) as VectorFile;

afterEach(() => vi.unstubAllEnvs());

const config = "{ global: { directory: /nonexistent }, managers: [{ use: k8s }] }";

function hasGlobalSecrets({ config: { webhook_process_env: env } }: MutationVector): boolean {
  return env !== undefined;
}

// Flyte asks global secrets before the manager that a vector names, so all of these are theirs as well.
runVectors(globalSecrets, file, {
  manager: "K8s",
  select: hasGlobalSecrets,
  create: async ({ config: { webhook_process_env: env = {} } }) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    return (await composedOf(config)).settings.injectors;
  },
});

test("v1-k8s-unknown-mount-requirement", async () => {
  const annotation = "m4zg54lqhiqcezzcbjvwk5j1eargwiqknvxxk2tul4zgk3lvnfzgk2lfnz1duibxbi";
  const pod = {
    metadata: { annotations: { "flyte.secrets/s0": annotation } },
    spec: { containers: [{ name: "container1" }] },
  };
  const composition = await composedOf(config);
  const mutation = await admitted(pod, composition.settings);
  await composition.dispose();
  expect(mutation).toMatchObject({
    outcome: "refused",
    code: "E_MOUNT_REQUIREMENT",
    message: expect.stringContaining('unrecognized mount requirement [7] for key "k"'),
  });
});
