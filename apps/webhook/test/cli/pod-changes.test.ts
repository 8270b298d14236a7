import type { Pod } from "@pod-secrets/core";
import { describe, expect, it } from "vitest";

import { podChanges } from "../../src/cli/output/pod-changes.ts";

const main = { name: "main", env: [{ name: "OWN", value: "1" }] };
const other = { name: "other" };
const before: Pod = {
  metadata: { name: "task" },
  spec: {
    containers: [main, other],
    volumes: [{ name: "v", secret: { secretName: "s", items: [{ key: "a", path: "a" }] } }],
  },
};

function withSpec(spec: Partial<NonNullable<Pod["spec"]>>): Pod {
  return { ...before, spec: { containers: [main, other], ...before.spec, ...spec } };
}

describe("the changes of a step", () => {
  it("are none when there are none", () => {
    expect(podChanges(before, before)).toEqual([]);
  });

  it("name an env var once for all containers that get it, with the Secret that it is from", () => {
    const valueFrom = { secretKeyRef: { name: "user-info", key: "password" } };
    const ours = { name: "OURS", valueFrom };
    const containers = [
      { ...main, env: [...main.env, ours] },
      { ...other, env: [ours, { name: "PREFIX", value: "secret" }] },
    ];
    expect(podChanges(before, withSpec({ containers }))).toEqual([
      {
        kind: "env",
        name: "OURS",
        from: "Secret user-info key password",
        replaces: false,
        containers: ["main", "other"],
      },
      { kind: "env", name: "PREFIX", replaces: false, containers: ["other"] },
    ]);
  });

  it("say when an env var stands in the place of the pod's own", () => {
    const replaced = [
      { ...main, env: [{ name: "OWN", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] },
      other,
    ];
    const moved = [{ ...main, env: [{ name: "OWN", value: "secret" }, { name: "X" }] }, other];
    expect(podChanges(before, withSpec({ containers: replaced }))).toEqual([
      { kind: "env", name: "OWN", from: "fieldRef", replaces: true, containers: ["main"] },
    ]);
    expect(podChanges(before, withSpec({ containers: moved }))).toContainEqual({
      kind: "env",
      name: "OWN",
      replaces: true,
      containers: ["main"],
    });
  });

  it("name volumes with their source, files in volumes that are there, and mounts with their containers", () => {
    const volumes = [
      {
        name: "v",
        secret: {
          secretName: "s",
          items: [
            { key: "a", path: "a" },
            { key: "b", path: "b" },
          ],
        },
      },
      { name: "w", emptyDir: {} },
      { name: "x", secret: { secretName: "t" } },
    ];
    const containers = [main, other].map((container) => ({
      ...container,
      volumeMounts: [{ name: "w", mountPath: "/w" }],
    }));
    expect(podChanges(before, withSpec({ containers, volumes }))).toEqual([
      { kind: "mount", path: "/w", volume: "w", containers: ["main", "other"] },
      { kind: "file", volume: "v", name: "b" },
      { kind: "volume", name: "w", source: "emptyDir" },
      { kind: "volume", name: "x", source: "Secret t" },
    ]);
  });

  it("name init containers, image pull secrets and annotations, the first as well as one more", () => {
    const init = { name: "fetch", image: "fetcher:1", env: [{ name: "SECRET" }] };
    const first = {
      ...withSpec({ initContainers: [init], imagePullSecrets: [{ name: "pull" }] }),
      metadata: { annotations: { "a.io/b": "1" } },
    };
    const expected = [
      { kind: "annotation", name: "a.io/b" },
      { kind: "initContainer", name: "fetch", image: "fetcher:1" },
      { kind: "imagePullSecret", name: "pull" },
    ];
    expect(podChanges({ ...before, metadata: {} }, first)).toEqual(expect.arrayContaining(expected));
    const metadata = { annotations: { "a.io/b": "1", "c~d": "2" } };
    expect(podChanges(first, { ...first, metadata })).toEqual([{ kind: "annotation", name: "c~d" }]);
    const more = {
      ...first,
      spec: {
        ...withSpec({}).spec,
        ...first.spec,
        containers: [main, other],
        initContainers: [init, { name: "last" }],
      },
    };
    expect(podChanges(first, more)).toEqual([{ kind: "initContainer", name: "last", image: "" }]);
  });

  it("name by its path what is none of these, and never a value", () => {
    const after = { ...withSpec({ hostNetwork: true, serviceAccountName: "secret" }), kind: "Pod" };
    const changes = podChanges(before, after);
    expect(changes).toEqual(
      expect.arrayContaining([
        { kind: "field", path: "/spec/hostNetwork" },
        { kind: "field", path: "/spec/serviceAccountName" },
      ]),
    );
    expect(JSON.stringify(changes)).not.toContain('secret"');
    expect(podChanges(after, before)).toContainEqual({ kind: "field", path: "/spec/hostNetwork" });
  });
});
