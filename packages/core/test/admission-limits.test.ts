import { describe, expect, test } from "vitest";

import { addEnv, createPatch, injected, mutatePod, type Pod, type SecretInjector } from "../src/index.ts";
import { FACTS, askingPod, settingsWith } from "./fixtures.ts";

/** An env var per secret, with a value of its own. */
function envWith(value: string): SecretInjector {
  return {
    name: "env",
    inject: (pod, request, context) => injected(addEnv(pod, context, [{ name: `_S_${request.key}`, value }])),
  };
}

function podOf(secrets: number, containers: number): Pod {
  const asks = Array.from({ length: secrets }, (_, index) => ({ group: "g", key: String(index) }));
  return askingPod(asks, { containers: Array.from({ length: containers }, (_, index) => ({ name: `c${index}` })) });
}

function many<Entry extends object>(count: number, entry: Entry): readonly ({ readonly name: string } & Entry)[] {
  return Array.from({ length: count }, (_, index) => ({ name: `n${index}`, ...entry }));
}

describe("one admission does bounded work", () => {
  test("256 secrets in 39 containers are given", async () => {
    const mutation = await mutatePod(podOf(256, 39), FACTS, settingsWith([envWith("x")]));
    expect(mutation.outcome).toBe("changed");
  });

  test("as many secrets in more containers are refused before any injector is asked", async () => {
    const asked: string[] = [];
    const injector: SecretInjector = { name: "env", inject: (pod, { key }) => (asked.push(key), injected(pod)) };
    const mutation = await mutatePod(podOf(256, 40), FACTS, settingsWith([injector]));
    expect(mutation).toMatchObject({ outcome: "refused", code: "E_TOO_MANY_SECRETS" });
    expect(asked).toEqual([]);
  });

  test.each([
    ["volumes", { volumes: many(13_000, { secret: { secretName: "g", items: [{ key: "k", path: "p" }] } }) }],
    ["mounts", { containers: [{ name: "main", volumeMounts: many(13_000, { mountPath: "/././." }) }] }],
    ["env vars", { containers: [{ name: "main", env: many(13_000, { value: "own" }) }] }],
    ["containers", { containers: many(1001, {}) }],
  ])("many secrets in a pod with thousands of %s are refused before any injector is asked", async (_, spec) => {
    const asks = Array.from({ length: 256 }, (_ask, index) => ({ group: "g", key: String(index) }));
    const pod = askingPod(asks, { containers: [{ name: "main" }], ...spec });
    const mutation = await mutatePod(pod, FACTS, settingsWith([envWith("x")]));
    expect(mutation).toMatchObject({ outcome: "refused", code: "E_TOO_MANY_SECRETS", decisions: [] });
  });

  test("a large value in many containers is refused, and the message does not hold it", async () => {
    const value = "v".repeat(100_000);
    const mutation = await mutatePod(podOf(1, 20), FACTS, settingsWith([envWith(value)]));
    expect(mutation).toMatchObject({ outcome: "refused", code: "E_POD_INVALID" });
    expect(JSON.stringify(mutation)).not.toContain("vvvv");
  });

  test("annotations beyond what Kubernetes takes are refused before they are read", async () => {
    const pod: Pod = { metadata: { annotations: { "flyte.secrets/s0": "!", other: "x".repeat(262_144) } } };
    const mutation = await mutatePod(pod, FACTS, settingsWith([envWith("x")]));
    expect(mutation).toMatchObject({ outcome: "refused", code: "E_POD_INVALID" });
  });
});

test("a patch may have more operations than a call takes arguments", () => {
  const before = { spec: { containers: Array.from({ length: 150_000 }, (_, index) => ({ name: `c${index}` })) } };
  const after = { spec: { containers: before.spec.containers.map((container) => ({ ...container, image: "x" })) } };
  const patch = createPatch(before, after);
  expect(patch).toHaveLength(150_000);
  expect(patch.at(-1)).toEqual({ op: "add", path: "/spec/containers/149999/image", value: "x" });
});
