/** The checks that the random pods go through find what they are there for. */
import { expect, test } from "vitest";

import { changesOfUserParts, countThings, patched } from "./pod-changes.ts";
import { podFaults } from "./pod-rules.ts";

const main = { name: "main", image: "a", env: [{ name: "A", value: "1" }], volumeMounts: [] };
const pod = (spec: object = {}, annotations: object = {}): Readonly<Record<string, unknown>> => ({
  metadata: { annotations },
  spec: { containers: [main], volumes: [{ name: "own", hostPath: { path: "/" } }], ...spec },
});
const own = { name: "own", hostPath: { path: "/" } };
const envFile = { name: "a:b", valueFrom: { fileKeyRef: { volumeName: "own", path: "p", key: "K" } } };
const withMain = (fields: object): object => ({ containers: [{ ...main, ...fields }] });

test.each<[string, object, object?]>([
  ["annotation a b", {}, { "a b": "" }],
  ["bytes of annotations", {}, { a: "x".repeat(300_000) }],
  ["volume new twice", { volumes: [own, { name: "new", emptyDir: {} }, { name: "new", emptyDir: {} }] }],
  ["volume name New", { volumes: [own, { name: "New", emptyDir: {} }] }],
  ["volume of kind hostPath", { volumes: [own, { name: "new", hostPath: { path: "/" } }] }],
  ["has 2 sources", { volumes: [own, { name: "new", emptyDir: {}, secret: { secretName: "a" } }] }],
  [
    "item path ../x",
    { volumes: [own, { name: "n", secret: { secretName: "a", items: [{ key: "k", path: "../x" }] } }] },
  ],
  ["Secret name A B", { volumes: [own, { name: "n", secret: { secretName: "A B" } }] }],
  ["mount of no volume gone", withMain({ volumeMounts: [{ name: "gone", mountPath: "/x" }] })],
  [
    "mount path /x twice",
    withMain({
      volumeMounts: [
        { name: "own", mountPath: "/x" },
        { name: "own", mountPath: "/x" },
      ],
    }),
  ],
  ["mount path a:b", withMain({ volumeMounts: [{ name: "own", mountPath: "a:b" }] })],
  ["env var name 1A", withMain({ env: [...main.env, { name: "1A" }] })],
  ["env file of own, which is no emptyDir", withMain({ env: [...main.env, envFile] })],
  ["env file of own before it is written in main", withMain({ env: [...main.env, envFile] })],
  [
    "env file of new before it is written in early",
    {
      volumes: [own, { name: "new", emptyDir: {} }],
      initContainers: [
        { name: "early", image: "a", env: [{ name: "B", valueFrom: { fileKeyRef: { volumeName: "new" } } }] },
        { name: "writer", image: "a", volumeMounts: [{ name: "new", mountPath: "/x" }] },
      ],
    },
  ],
  ["has a value and a source", withMain({ env: [...main.env, { name: "B", value: "1", valueFrom: {} }] })],
  ["container main twice", { initContainers: [{ name: "main", image: "a" }] }],
  ["privileged container", { initContainers: [{ name: "new", image: "a", securityContext: { privileged: true } }] }],
  ["field hostPID of a container", { initContainers: [{ name: "new", image: "a", hostPID: true }] }],
])("finds: %s", (fault, spec, annotations) => {
  expect(podFaults(pod(), pod()).join()).toBe("");
  expect(podFaults(pod(), pod(spec, annotations)).join("; ")).toContain(fault);
});

test.each<[string, Readonly<Record<string, unknown>>]>([
  ["volumes", pod({ volumes: [] })],
  ["spec.hostNetwork", pod({ hostNetwork: true })],
  ["number of containers", pod({ containers: [main, { ...main, name: "other" }] })],
  ["container main.image", pod(withMain({ image: "b" }))],
  ["container main: env", pod(withMain({ env: [] }))],
  ["env var A beside the user's", pod(withMain({ env: [...main.env, { name: "A", value: "2" }] }))],
])("finds a change of the user's part: %s", (change, after) => {
  expect(changesOfUserParts(pod(), pod(), false)).toEqual([]);
  expect(changesOfUserParts(pod(), after, false).join("; ")).toContain(change);
});

test("an env var that is replaced is allowed where the profile says so, one that disappears is not", () => {
  const replaced = pod(withMain({ env: [{ name: "A", value: "2" }] }));
  expect(changesOfUserParts(pod(), replaced, true)).toEqual([]);
  expect(changesOfUserParts(pod(), replaced, false)).not.toEqual([]);
  expect(changesOfUserParts(pod(), pod(withMain({ env: [] })), true)).toEqual(["container main: env"]);
  expect(countThings(pod(), replaced)).toBe(2);
});

test("a patch without a place is refused, and one with a place applies", () => {
  expect(patched({ a: [1, 3] }, [{ op: "add", path: "/a/1", value: 2 }])).toEqual({ a: [1, 2, 3] });
  expect(patched({ "a/b": 1 }, [{ op: "remove", path: "/a~1b" }])).toEqual({});
  for (const path of ["/b/c", "/a/5", "/a/-1", "/a/01"])
    expect(() => patched({ a: [1, 3] }, [{ op: "add", path, value: 2 }])).toThrow("no p");
});
