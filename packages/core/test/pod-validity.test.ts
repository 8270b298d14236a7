/** Whether the API server would take what was added; what the user wrote is not looked at. */
import { describe, expect, it } from "vitest";

import { checkPod, type Container, type Pod, type Volume } from "../src/index.ts";
import { copyOf } from "./fixtures.ts";
import { thrownBy } from "./thrown.ts";

/** A pod that an API server may or may not take, but that is the user's. */
const ODD: Pod = {
  metadata: { annotations: { "not a key": "x" } },
  spec: {
    volumes: [
      { name: "Odd Name" },
      { name: "Odd Name" },
      { name: "s", secret: { secretName: "../x", items: [{ key: "", path: "/" }] } },
    ],
    imagePullSecrets: [{}, { name: "?" }],
    initContainers: [{ name: "same" }],
    containers: [
      {
        name: "same",
        env: [{ name: "a:b" }, { name: "A=B" }, { name: "A" }, { name: "A" }],
        volumeMounts: [
          { name: "unknown", mountPath: "../relative" },
          { name: "s", mountPath: "/twice" },
          { name: "s", mountPath: "/twice" },
        ],
      },
    ],
  },
};

const POD: Pod = { spec: { containers: [{ name: "main" }], volumes: [{ name: "data", emptyDir: {} }] } };

function withContainer(fields: object): Pod {
  return { spec: { ...POD.spec, containers: [{ name: "main", ...fields }] } };
}

function withVolume(volume: unknown): Pod {
  return { spec: { containers: [{ name: "main" }], volumes: [...(POD.spec?.volumes ?? []), volume as Volume] } };
}

function withInit(...initContainers: readonly unknown[]): Pod {
  return { spec: { ...POD.spec, containers: [{ name: "main" }], initContainers: initContainers as Container[] } };
}

describe("a pod of the user's", () => {
  it("is not looked at, also where something was added beside it", () => {
    expect(() => checkPod(ODD, ODD)).not.toThrow();
    expect(() => checkPod(ODD, copyOf(ODD))).not.toThrow();
    const [container] = ODD.spec?.containers ?? [];
    const env = [...(container?.env ?? []), { name: "OURS", value: "x" }];
    const volumes = [...(ODD.spec?.volumes ?? []), { name: "ours", emptyDir: {} }];
    const volumeMounts = [...(container?.volumeMounts ?? []), { name: "ours", mountPath: "/ours" }];
    const initContainers = [{ name: "fetch" }, { name: "same" }];
    const imagePullSecrets = [...(ODD.spec?.imagePullSecrets ?? []), { name: "ours" }];
    const containers = [{ name: "same", env, volumeMounts }];
    const annotations = { "not a key": "x", ours: "x" };
    const after: Pod = { metadata: { annotations }, spec: { containers, volumes, initContainers, imagePullSecrets } };
    expect(() => checkPod(ODD, copyOf(after))).not.toThrow();
  });
});

describe("an addition", () => {
  it.each<[string, Pod]>([
    ['annotation key "a b" is not valid', { ...POD, metadata: { annotations: { "a b": "x" } } }],
    [
      "the annotations take 262148 bytes, and 262144 are allowed",
      { ...POD, metadata: { annotations: { a: "é".repeat(131_073), b: "" } } },
    ],
    ['volume name "A" is not valid', withVolume({ name: "A", emptyDir: {} })],
    ["volume name of type undefined is not valid", withVolume({ emptyDir: {} })],
    ['two volumes are named "data"', withVolume({ name: "data", emptyDir: { medium: "Memory" } })],
    ['volume "v" has more than one source', withVolume({ name: "v", emptyDir: {}, secret: { secretName: "s" } })],
    ['"No" is no valid Secret name', withVolume({ name: "v", secret: { secretName: "No" } })],
    ["of type undefined is no valid Secret name", withVolume({ name: "v", secret: {} })],
    ["of type undefined is no valid Secret name", withVolume({ name: "v", secret: null })],
    [
      'items of volume "v" is no list of objects',
      withVolume({ name: "v", secret: { secretName: "s", items: { 0: 1 } } }),
    ],
    [
      '"a/b" is no valid key of a Secret',
      withVolume({ name: "v", secret: { secretName: "s", items: [{ key: "a/b", path: "p" }] } }),
    ],
    [
      '"../p" is no valid path in volume "v"',
      withVolume({ name: "v", secret: { secretName: "s", items: [{ key: "a", path: "../p" }] } }),
    ],
    [
      'volume "v" has two files at "p"',
      withVolume({
        name: "v",
        secret: {
          secretName: "s",
          items: [
            { key: "a", path: "p" },
            { key: "b", path: "p" },
          ],
        },
      }),
    ],
    ['in container "main" env var name "a:b" is not valid', withContainer({ env: [{ name: "a:b" }] })],
    ['in container "main" env var "A" has a value that is no text', withContainer({ env: [{ name: "A", value: 1 }] })],
    [
      'in container "main" env var "A" has both value and valueFrom',
      withContainer({ env: [{ name: "A", value: "x", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] }),
    ],
    [
      'in container "main" env var "A:B" names volume "x", which the pod does not have',
      withContainer({ env: [{ name: "A:B", valueFrom: { fileKeyRef: { volumeName: "x", path: "p", key: "K" } } }] }),
    ],
    ['env in container "main" is no list of objects', withContainer({ env: ["A=1"] })],
    ['volumeMounts in container "main" is no list of objects', withContainer({ volumeMounts: "/x" })],
    [
      'in container "main" a mount names volume "x", which the pod does not have',
      withContainer({ volumeMounts: [{ name: "x", mountPath: "/x" }] }),
    ],
    ...["", "/", "relative", "/a/../b", "/a:b", "/a\0"].map((mountPath): [string, Pod] => [
      `in container "main" mount path ${JSON.stringify(mountPath)} is not valid`,
      withContainer({ volumeMounts: [{ name: "data", mountPath }] }),
    ]),
    [
      'in container "main" two volumes are mounted at "/x"',
      withContainer({
        volumeMounts: [
          { name: "data", mountPath: "/x" },
          { name: "data", mountPath: "/x" },
        ],
      }),
    ],
    ['container name "A B" is not valid', withInit({ name: "A B" })],
    ["container name of type undefined is not valid", withInit({})],
    ['two containers are named "fetch"', withInit({ name: "fetch" }, { name: "fetch" })],
    ['two containers are named "main"', withInit({ name: "main" })],
    [
      'image pull secret "?" is no valid Secret name',
      { spec: { ...POD.spec, containers: [{ name: "main" }], imagePullSecrets: [{ name: "?" }] } },
    ],
    [
      "the pod has a value of type function at spec.x",
      { spec: { ...POD.spec, x: () => 1 } as unknown as NonNullable<Pod["spec"]> },
    ],
  ])("is refused: %s", (message, after) => {
    expect(thrownBy(() => checkPod(POD, after))).toMatchObject({ code: "E_POD_INVALID", message });
  });

  it("may take all the room that annotations have", () => {
    const annotations = { a: "x".repeat(262_143) };
    expect(() => checkPod(POD, { ...POD, metadata: { annotations } })).not.toThrow();
  });
});
