import { injectionContext, openInjector, secretRequest, testPod } from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";

import plugin, { k8sOptions } from "../src/index.ts";

const pod = testPod();
const context = injectionContext(pod, { namespace: "flytesnacks-development" });
const file = secretRequest({ group: "user-info", key: "password", mountRequirement: "FILE" });
const envVar = secretRequest({ group: "user-info", key: "password", mountRequirement: "ENV_VAR", envVar: "PASSWORD" });

test("by default the pod starts without a Secret that does not exist, and nobody is warned", async () => {
  const injector = await openInjector(plugin);
  const withFile = injector.inject(pod, file, context);
  expect(withFile).toHaveProperty("pod.spec.volumes.0.secret.optional", true);
  expect(withFile).not.toHaveProperty("warnings");
  expect(injector.inject(pod, envVar, context)).toHaveProperty(
    "pod.spec.containers.0.env.0.valueFrom.secretKeyRef.optional",
    true,
  );
});

test("with `missing: hold` the kubelet holds the pod until the Secret is there", async () => {
  const injector = await openInjector(plugin, { missing: "hold" });
  expect(injector.inject(pod, file, context)).toHaveProperty("pod.spec.volumes.0.secret.optional", false);
  const withEnvVar = injector.inject(pod, envVar, context);
  for (const index of [0, 1])
    expect(withEnvVar).toHaveProperty(`pod.spec.containers.0.env.${index}.valueFrom.secretKeyRef.optional`, false);
});

test("with `missing: hold` whoever creates the pod is told what it waits for", async () => {
  const injector = await openInjector(plugin, { missing: "hold" });
  expect(injector.inject(pod, file, context)).toMatchObject({
    warnings: ['the pod starts only when Secret "user-info" of namespace "flytesnacks-development" has key "password"'],
  });
});

test("another value of `missing` is refused, and so is another option", () => {
  expect(k8sOptions.safeParse({ missing: "deny" }).error?.issues).toMatchObject([{ path: ["missing"] }]);
  expect(k8sOptions.safeParse({ optional: true }).error?.issues).toMatchObject([{ code: "unrecognized_keys" }]);
});
