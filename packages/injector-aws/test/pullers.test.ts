import type { Container, Pod } from "@pod-secrets/core";
import { injectionContext, openInjector, secretRequest, testContainer, testPod } from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";

import plugin, { awsOptions } from "../src/index.ts";

const GROUP = "arn:aws:secretsmanager:us-east-2:123456789012:secret";

async function inject(pod: Pod, options: unknown, ...keys: string[]): Promise<Pod> {
  const injector = await openInjector(plugin, options);
  let after = pod;
  for (const key of keys) {
    const context = { ...injectionContext(after), userPod: pod };
    const injection = await injector.inject(after, secretRequest({ group: GROUP, key }), context);
    if (injection.outcome !== "injected") throw new Error(injection.outcome);
    after = injection.pod;
  }
  return after;
}

function initContainers(pod: Pod): readonly Container[] {
  return pod.spec?.initContainers ?? [];
}

const prepare = testPod({ initContainers: [testContainer({ name: "prepare" })] });

test("each secret has its puller, numbered by the init containers before it", async () => {
  const names = initContainers(await inject(prepare, {}, "a", "b")).map(({ name }) => name);
  expect(names).toEqual(["prepare", "aws-pull-secret-1", "aws-pull-secret-2"]);
});

test("a number that is taken is passed over", async () => {
  const pod = testPod({ containers: [testContainer({ name: "aws-pull-secret-0" })] });
  expect(initContainers(await inject(pod, {}, "a"))).toMatchObject([{ name: "aws-pull-secret-1" }]);
});

test("the same secret asked for twice has one puller", async () => {
  expect(initContainers(await inject(testPod(), {}, "a", "a"))).toHaveLength(1);
});

test("a puller that is there already is kept, whatever its number", async () => {
  const { spec } = await inject(testPod(), {}, "a");
  const [puller] = spec?.initContainers ?? [];
  const renumbered = { ...puller, name: "aws-pull-secret-7" } as Container;
  const before = testPod({ ...spec, initContainers: [testContainer({ name: "mesh" }), renumbered] });
  expect(initContainers(await inject(before, {}, "a")).map(({ name }) => name)).toEqual(["mesh", "aws-pull-secret-7"]);
});

test("a puller has the env vars of its own secret, and of no other", async () => {
  const injector = await openInjector(plugin);
  let pod = testPod();
  for (const key of ["a", "b"]) {
    const request = secretRequest({ group: GROUP, key, envVar: `${key.toUpperCase()}_FILE` });
    const injection = await injector.inject(pod, request, { ...injectionContext(pod), userPod: testPod() });
    if (injection.outcome === "injected") pod = injection.pod;
  }
  const names = initContainers(pod).map(({ env }) =>
    env?.map(({ name }) => name).filter((name) => /^[AB]_/.test(name)),
  );
  expect(names).toEqual([["A_FILE"], ["B_FILE"]]);
});

test("an env_var that would tell the puller to fetch something else is refused", async () => {
  const injector = await openInjector(plugin);
  const pod = testPod();
  for (const envVar of ["SECRET_ARN", "SECRET_FILENAME"]) {
    const request = secretRequest({ group: GROUP, key: "a", envVar });
    for (const profile of ["flyte-v1", "flyte-v2"] as const)
      expect(() => injector.inject(pod, request, injectionContext(pod, { profile }))).toThrow(
        expect.objectContaining({ code: "E_ENV_COLLISION" }),
      );
  }
});

test("with `position: first` the pod's own init containers run after the pullers", async () => {
  const names = initContainers(await inject(prepare, { position: "first" }, "a", "b")).map(({ name }) => name);
  expect(names.toSorted()).toEqual(["aws-pull-secret-1", "aws-pull-secret-2", "prepare"]);
  expect(names.at(-1)).toBe("prepare");
});

test("resources are Flyte's by default", async () => {
  const amount = { cpu: "200m", memory: "500Mi" };
  expect(initContainers(await inject(testPod(), {}, "a"))).toMatchObject([
    { resources: { limits: amount, requests: amount } },
  ]);
});

test("image, pull policy, resources and security context are the operator's to choose", async () => {
  const options = {
    image: "registry.example.com/puller:1",
    imagePullPolicy: "IfNotPresent",
    resources: { limits: { cpu: 1, memory: "64Mi" } },
    securityContext: { runAsUser: 65532, runAsNonRoot: true, capabilities: { drop: ["ALL"] } },
  };
  expect(initContainers(await inject(testPod(), options, "a"))).toMatchObject([
    { ...options, resources: { limits: { cpu: "1", memory: "64Mi" } } },
  ]);
});

test.each([
  [{ mode: "csi" }, ["mode"]],
  [{ image: "" }, ["image"]],
  [{ image: "a b" }, ["image"]],
  [{ imagePullPolicy: "Sometimes" }, ["imagePullPolicy"]],
  [{ position: "middle" }, ["position"]],
  [{ resources: { limits: { cpu: "lots" } } }, ["resources", "limits", "cpu"]],
  [{ resources: { limits: { cpu: -1 } } }, ["resources", "limits", "cpu"]],
  [{ resources: { limit: {} } }, ["resources"]],
  [{ securityContext: { privileged: true } }, ["securityContext"]],
  [{ securityContext: { capabilities: { add: ["NET_RAW"] } } }, ["securityContext", "capabilities"]],
  [{ securityContext: { seccompProfile: { type: "Unconfined" } } }, ["securityContext", "seccompProfile", "type"]],
  [{ securityContext: { appArmorProfile: { type: "Unconfined" } } }, ["securityContext", "appArmorProfile", "type"]],
  [{ sidecarImage: "a" }, []],
  [{ mode: "fetch" }, ["fetcher"]],
  [{ mode: "fetch", fetcher: {} }, ["fetcher", "image"]],
  [{ fetcher: { image: "a" } }, ["fetcher"]],
  [{ settings: {} }, ["settings"]],
  [{ mode: "fetch", fetcher: { image: "a" }, image: "b" }, ["image"]],
  [{ mode: "fetch", fetcher: { image: "a" }, imagePullPolicy: "Never" }, ["imagePullPolicy"]],
  [{ mode: "fetch", fetcher: { image: "a" }, resources: {} }, ["resources"]],
  [{ mode: "fetch", fetcher: { image: "a" }, securityContext: {} }, ["securityContext"]],
  [{ mode: "fetch", fetcher: { image: "a" }, position: "first" }, ["position"]],
])("options %j are refused, and the place is named", (options, path) => {
  expect(awsOptions.safeParse(options).error?.issues).toMatchObject([{ path }]);
});
