/** The patch says no more than what changed. */
import { describe, expect, it } from "vitest";

import {
  addAnnotations,
  addEnv,
  addInitContainer,
  addMount,
  addSecretItem,
  applyPatch,
  createPatch,
  type Container,
  type EnvVar,
  type Pod,
} from "../src/index.ts";
import { contextOf, copyOf } from "./fixtures.ts";

const A: EnvVar = { name: "A", value: "1" };
const B: EnvVar = { name: "B", value: "2" };

function vars(count: number): EnvVar[] {
  return Array.from({ length: count }, (_, index) => ({ name: `VAR_${index}`, value: `${index}` }));
}

function podWith(containers: readonly Container[], initContainers?: readonly Container[]): Pod {
  return { spec: initContainers === undefined ? { containers } : { containers, initContainers } };
}

function patchOf(before: Pod, after: Pod): ReturnType<typeof createPatch> {
  const patch = createPatch(before, after);
  expect(applyPatch(copyOf(before), patch)).toEqual(after);
  return patch;
}

describe("an env var", () => {
  const pod = podWith([{ name: "main", env: vars(30) }]);

  it("that gives way to another of its name at its place is replaced as a whole, whatever the two share", () => {
    const after = podWith([{ name: "main", env: [{ name: "VAR_0", valueFrom: { secretKeyRef: { key: "k" } } }] }]);
    expect(patchOf(podWith([{ name: "main", env: vars(1) }]), after)).toEqual([
      { op: "replace", path: "/spec/containers/0/env/0", value: after.spec?.containers[0]?.env?.[0] },
    ]);
  });

  it("behind thirty others is one add", () => {
    expect(patchOf(pod, addEnv(pod, contextOf(pod), [A]))).toEqual([
      { op: "add", path: "/spec/containers/0/env/30", value: A },
    ]);
  });

  it("in front of thirty others is one add", () => {
    expect(patchOf(pod, addEnv(pod, contextOf(pod, "flyte-v2"), [A, B]))).toEqual([
      { op: "add", path: "/spec/containers/0/env/0", value: B },
      { op: "add", path: "/spec/containers/0/env/1", value: A },
    ]);
  });

  it("that replaces the user's among thirty others is one add and one remove", () => {
    const after = addEnv(pod, contextOf(pod, "flyte-v2"), [{ name: "VAR_20", value: "ours" }]);
    expect(patchOf(pod, after)).toEqual([
      { op: "add", path: "/spec/containers/0/env/0", value: { name: "VAR_20", value: "ours" } },
      { op: "remove", path: "/spec/containers/0/env/21" },
    ]);
  });

  it("that replaces the first of the user's is one replace", () => {
    const after = addEnv(pod, contextOf(pod, "flyte-v2"), [{ name: "VAR_0", value: "ours" }]);
    const [operation, ...more] = patchOf(pod, after);
    expect(operation).toMatchObject({
      op: "replace",
      path: expect.stringMatching(/^\/spec\/containers\/0\/env\/0/) as unknown,
    });
    expect(more).toEqual([]);
  });

  it("in 31 containers is 31 adds, whatever else is in them", () => {
    const containers = Array.from({ length: 31 }, (_, index) => ({ name: `c${index}`, env: vars(index % 4) }));
    const large = podWith(containers.slice(1), containers.slice(0, 1));
    const patch = patchOf(large, addEnv(large, contextOf(large), [A]));
    expect(patch).toHaveLength(31);
    expect(new Set(patch.map(({ op }) => op))).toEqual(new Set(["add"]));
  });

  it("is the list itself where there was none, and replaces a null", () => {
    const none = podWith([{ name: "a" }, { name: "b", env: null } as unknown as Container]);
    expect(patchOf(none, addEnv(none, contextOf(none), [A]))).toEqual([
      { op: "add", path: "/spec/containers/0/env", value: [A] },
      { op: "replace", path: "/spec/containers/1/env", value: [A] },
    ]);
  });
});

describe("other additions", () => {
  it("an init container in front of others that also change is one add", () => {
    const pod = podWith([{ name: "main" }], [{ name: "one" }, { name: "two", env: [B] }]);
    const withFetcher = addInitContainer(pod, { name: "fetch" }, "first");
    const after = addEnv(withFetcher, contextOf(pod), [A]);
    expect(patchOf(pod, after)).toEqual([
      { op: "add", path: "/spec/containers/0/env", value: [A] },
      { op: "add", path: "/spec/initContainers/0", value: { name: "fetch", env: [A] } },
      { op: "add", path: "/spec/initContainers/1/env", value: [A] },
      { op: "add", path: "/spec/initContainers/2/env/1", value: A },
    ]);
  });

  it("a second key of a Secret is one item", () => {
    const item = { secretName: "s", groupVersion: "", key: "a", path: "a", optional: true };
    const { pod } = addSecretItem(podWith([{ name: "main" }]), item);
    const { pod: after } = addSecretItem(pod, { ...item, key: "b", path: "b" });
    expect(patchOf(pod, after)).toEqual([
      { op: "add", path: "/spec/volumes/0/secret/items/1", value: { key: "b", path: "b" } },
    ]);
  });

  it("a mount is one add, and an annotation has its slash escaped", () => {
    const pod: Pod = { metadata: { annotations: { a: "1" } }, ...podWith([{ name: "main", volumeMounts: [] }]) };
    const mount = { name: "v", mountPath: "/v" };
    const after = addAnnotations(addMount(pod, contextOf(pod), mount), { "example.com/b_c": "2" });
    expect(patchOf(pod, after)).toEqual([
      { op: "add", path: "/metadata/annotations/example.com~1b_c", value: "2" },
      { op: "add", path: "/spec/containers/0/volumeMounts/0", value: mount },
    ]);
  });
});

describe("any two pods", () => {
  const one: Container = { name: "one", image: "a", args: ["x", "x"], resources: { limits: { cpu: "1" } } };
  const two: Container = { name: "two" };

  it.each<[string, Pod, Pod, number]>([
    ["are the same", podWith([one]), podWith([one]), 0],
    ["are equal copies", podWith([one, two]), copyOf(podWith([one, two])), 0],
    ["differ in a field", podWith([one]), podWith([{ ...one, image: "b" }]), 1],
    ["lose a field", podWith([one]), podWith([{ name: "one", image: "a", args: ["x", "x"] }]), 1],
    ["lose an entry", podWith([one, two]), podWith([two]), 1],
    ["change places", podWith([one, two]), podWith([two, one]), 1],
    ["lose the last entry of equal ones", podWith([one]), podWith([{ ...one, args: ["x"] }]), 1],
    ["get a list in the place of a field", podWith([one]), podWith([{ ...one, resources: {} }]), 1],
    ["lose and gain", podWith([one, two]), podWith([{ name: "three" }, two, { name: "four" }]), 3],
  ])("%s", (_, before, after, operations) => {
    patchOf(copyOf(before), after);
    expect(createPatch(before, after)).toHaveLength(operations);
  });

  it("do not differ in a field that is undefined: JSON has none", () => {
    const withField = podWith([{ ...two, image: undefined } as never]);
    expect(createPatch(podWith([two]), withField)).toEqual([]);
    expect(createPatch(withField, podWith([two]))).toEqual([]);
  });

  it("share nothing with what a patch was applied to", () => {
    const pod = podWith([one]);
    const patch = createPatch(pod, podWith([one, two]));
    const result = applyPatch(pod, patch);
    expect(pod).toEqual(podWith([one]));
    expect(result.spec?.containers[1]).toEqual(two);
    expect(result.spec?.containers[1]).not.toBe(two);
  });
});
