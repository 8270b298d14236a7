import { describe, expect, test } from "vitest";

import { asReinvoked, deepFreeze, testContainer, testPod } from "../src/index.ts";

const withoutToken = { automountServiceAccountToken: false };

describe("a pod that the API server sends again", () => {
  test("has the default mode of volumes, and the source of a volume without one", () => {
    const pod = testPod({
      ...withoutToken,
      volumes: [
        { name: "secret", secret: { secretName: "s" } },
        { name: "strict", configMap: { name: "c", defaultMode: 256 } },
        { name: "bare" },
      ],
    });
    expect(asReinvoked(pod).spec?.volumes).toEqual([
      { name: "secret", secret: { secretName: "s", defaultMode: 420 } },
      { name: "strict", configMap: { name: "c", defaultMode: 256 } },
      { name: "bare", emptyDir: {} },
    ]);
  });

  test("has lost empty strings, false booleans and empty lists, but not the false of a pointer", () => {
    const pod = testPod({
      ...withoutToken,
      initContainers: [],
      volumes: [{ name: "s", secret: { secretName: "s", optional: false } }],
      containers: [
        testContainer({
          env: [{ name: "EMPTY", value: "" }],
          args: [],
          volumeMounts: [{ name: "s", mountPath: "/s", readOnly: false, subPath: "" }],
        }),
      ],
    });
    const { spec } = asReinvoked(pod);
    expect(spec).not.toHaveProperty("initContainers");
    expect(spec?.volumes?.[0]?.secret).toHaveProperty("optional", false);
    expect(spec?.containers[0]?.env).toEqual([{ name: "EMPTY" }]);
    expect(spec?.containers[0]?.volumeMounts).toEqual([{ name: "s", mountPath: "/s" }]);
    expect(spec?.containers[0]).not.toHaveProperty("args");
  });

  test("has what is the default of references in env vars", () => {
    const env = [
      { name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "B", valueFrom: { fileKeyRef: { volumeName: "v", path: "p", key: "K" } } },
      { name: "C", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
    ];
    const pod = testPod({ ...withoutToken, containers: [testContainer({ env })] });
    expect(asReinvoked(pod).spec?.containers[0]?.env).toEqual([
      { name: "A", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } },
      { name: "B", valueFrom: { fileKeyRef: { volumeName: "v", path: "p", key: "K", optional: false } } },
      { name: "C", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
    ]);
  });

  test("keeps empty texts where the keys are the user's", () => {
    const { metadata } = asReinvoked(testPod(withoutToken, { annotations: { value: "" }, labels: { tty: "" } }));
    expect(metadata).toMatchObject({ annotations: { value: "" }, labels: { tty: "" } });
  });

  test.each([
    ["example.com/task", "Always"],
    ["example.com:5000/task", "Always"],
    ["example.com/task:latest", "Always"],
    ["example.com/task:1.2", "IfNotPresent"],
    ["example.com/task@sha256:00", "IfNotPresent"],
  ])("pulls %s %s", (image, imagePullPolicy) => {
    const pod = testPod({ ...withoutToken, containers: [testContainer({ image })] });
    expect(asReinvoked(pod).spec?.containers[0]).toMatchObject({
      imagePullPolicy,
      terminationMessagePath: "/dev/termination-log",
    });
  });

  test("has quantities in their shortest form, and limits as requests", () => {
    const resources = { limits: { cpu: "2000m", memory: "2048Mi" }, requests: { cpu: "250m" } };
    const pod = testPod({ ...withoutToken, containers: [testContainer({ resources })] });
    expect(asReinvoked(pod).spec?.containers[0]?.resources).toEqual({
      limits: { cpu: "2", memory: "2Gi" },
      requests: { cpu: "250m", memory: "2Gi" },
    });
  });

  test("has the service account's token in every container, once", () => {
    const pod = testPod({ initContainers: [testContainer({ name: "init" })] });
    const again = asReinvoked(asReinvoked(pod));
    expect(again).toEqual(asReinvoked(pod));
    expect(again.spec?.volumes).toHaveLength(1);
    expect(again.spec?.initContainers?.[0]?.volumeMounts).toEqual(again.spec?.containers[0]?.volumeMounts);
    expect(again.spec?.containers[0]?.volumeMounts).toHaveLength(1);
  });

  test("is another object: what was sent stays as it was", () => {
    const pod = deepFreeze(testPod({ containers: [testContainer({ env: [{ name: "A", value: "" }] })] }));
    expect(asReinvoked(pod)).not.toBe(pod);
    expect(pod.spec?.containers[0]?.env).toEqual([{ name: "A", value: "" }]);
  });

  test("without a spec comes back as it is", () => {
    expect(asReinvoked({ kind: "Pod" })).toEqual({ kind: "Pod" });
  });
});
