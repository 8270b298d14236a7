/** How much work and memory one pod may take: to the last secret, container and byte. */
import { describe, expect, test } from "vitest";

import { checkPatchLength } from "../src/admission-limits.ts";
import { addEnv, createPatch, injected, mutatePod, type Pod, type PodSpec, type SecretInjector } from "../src/index.ts";
import { FACTS, askingPod, settingsWith } from "./fixtures.ts";
import { thrownBy } from "./thrown.ts";

/** An env var per secret, with a value of its own. */
function envWith(value: string): SecretInjector {
  return {
    name: "env",
    inject: (pod, request, context) => injected(addEnv(pod, context, [{ name: `_S_${request.key}`, value }])),
  };
}

function podWith(secrets: number, spec: Partial<PodSpec>): Pod {
  const asks = Array.from({ length: secrets }, (_, index) => ({ group: "g", key: String(index) }));
  return askingPod(asks, { containers: [{ name: "main" }], ...spec });
}

function podOf(secrets: number, containers: number): Pod {
  return podWith(secrets, { containers: Array.from({ length: containers }, (_, index) => ({ name: `c${index}` })) });
}

function many<Entry extends object>(count: number, entry: Entry): readonly ({ readonly name: string } & Entry)[] {
  return Array.from({ length: count }, (_, index) => ({ name: `n${index}`, ...entry }));
}

/** 4,000 of them, each at a path of its own below one. */
function mounts(path: string): readonly { readonly name: string; readonly mountPath: string }[] {
  return Array.from({ length: 4000 }, (_, index) => ({ name: `n${index}`, mountPath: `${path}/${index}` }));
}

describe("one admission does bounded work", () => {
  test.each([
    ["256 secrets in 39 containers", podOf(256, 39)],
    ["10,000 places", podOf(250, 40)],
    ["a secret in 1,000 containers", podOf(1, 1000)],
    ["256 secrets beside 4,000 mounts", podWith(256, { containers: [{ name: "main", volumeMounts: mounts("/m") }] })],
  ])("%s are filled", async (_, pod) => {
    const mutation = await mutatePod(pod, FACTS, settingsWith([envWith("x")]));
    expect(mutation.outcome).toBe("changed");
  });

  test("as many secrets in more containers are refused before any injector is asked", async () => {
    const asked: string[] = [];
    const injector: SecretInjector = { name: "env", inject: (pod, { key }) => (asked.push(key), injected(pod)) };
    for (const pod of [podOf(256, 40), podOf(73, 137)]) {
      const mutation = await mutatePod(pod, FACTS, settingsWith([injector]));
      expect(mutation).toMatchObject({ outcome: "refused", code: "E_TOO_MANY_SECRETS" });
    }
    expect(asked).toEqual([]);
  });

  test.each([
    ["volumes", { volumes: many(13_000, { secret: { secretName: "g", items: [{ key: "k", path: "p" }] } }) }],
    ["mounts at paths that are to be cleaned", { containers: [{ name: "main", volumeMounts: mounts("/./m") }] }],
    [
      "keys of a Secret",
      { volumes: [{ name: "v", secret: { secretName: "g", items: many(13_000, { key: "k", path: "p" }) } }] },
    ],
    ["env vars", { containers: [{ name: "main", env: many(13_000, { value: "own" }) }] }],
    ["containers", { containers: many(1001, {}) }],
  ])("many secrets in a pod with thousands of %s are refused before any injector is asked", async (_, spec) => {
    const mutation = await mutatePod(podWith(256, spec), FACTS, settingsWith([envWith("x")]));
    expect(mutation).toMatchObject({ outcome: "refused", code: "E_TOO_MANY_SECRETS", decisions: [] });
  });

  test("many secrets in a pod that announces thousands of files of another webhook are refused before any injector is asked", async () => {
    const pod = podWith(256, {});
    const files = many(1200, {}).map(({ name }) => [`vault.hashicorp.com/agent-inject-file-${name}`, name]);
    const metadata = { annotations: { ...pod.metadata?.annotations, ...Object.fromEntries(files) } };
    const mutation = await mutatePod({ ...pod, metadata }, FACTS, settingsWith([envWith("x")]));
    expect(mutation).toMatchObject({ outcome: "refused", code: "E_TOO_MANY_SECRETS", decisions: [] });
  });

  // 256 more env vars, and of the API server's a volume and a mount: with 11,460 that makes 256 times 11,718.
  test.each([
    [11_460, "changed"],
    [11_461, "refused"],
  ])(
    "the pod with its secrets must be one of which this can be said again: %i env vars, %s",
    async (count, outcome) => {
      const pod = podWith(256, { containers: [{ name: "main", env: many(count, { value: "own" }) }] });
      expect((await mutatePod(pod, FACTS, settingsWith([envWith("x")]))).outcome).toBe(outcome);
    },
  );

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

test("what a patch adds may take 1.5 MiB, with its paths and the names of fields", () => {
  const adding = (letters: number) =>
    [{ op: "add", path: "/p", value: { name: ["v".repeat(letters)] } }] as const satisfies ReturnType<
      typeof createPatch
    >;
  const most = 1_572_864 - "/p".length - "name".length - "0".length;
  expect(() => checkPatchLength(adding(most))).not.toThrow();
  expect(thrownBy(() => checkPatchLength(adding(most + 1))).code).toBe("E_POD_INVALID");
});

test("a patch may have more operations than a call takes arguments", () => {
  const before = { spec: { containers: Array.from({ length: 150_000 }, (_, index) => ({ name: `c${index}` })) } };
  const after = { spec: { containers: before.spec.containers.map((container) => ({ ...container, image: "x" })) } };
  const patch = createPatch(before, after);
  expect(patch).toHaveLength(150_000);
  expect(patch.at(-1)).toEqual({ op: "add", path: "/spec/containers/149999/image", value: "x" });
});
