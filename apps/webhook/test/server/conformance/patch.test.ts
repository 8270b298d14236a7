/** The patch as the API server applies it. The rules themselves are tested with the core; here is what arrives. */
import { applyPatch, type Pod, type PatchOperation } from "@pod-secrets/core";
import { asReinvoked, testContainer } from "@pod-secrets/injector-testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

import { A_SECRET, patchIn, podWith, responseIn, reviewOf } from "../reviews.ts";
import { startWebhook, type StartedWebhook } from "../started-webhook.ts";

let webhook: StartedWebhook;
beforeAll(async () => {
  webhook = await startWebhook();
});
afterAll(() => webhook[Symbol.asyncDispose]());

const FILE = { group: "db", key: "dsn", mountRequirement: "FILE" } as const;

/** With much of its own, and what no version of Kubernetes knows. */
function richPod(): Pod {
  const pod = podWith(A_SECRET, FILE);
  return {
    ...pod,
    spec: {
      ...pod.spec,
      future: { field: [1, { deep: true }] },
      volumes: [{ name: "scratch", emptyDir: {} }],
      initContainers: [testContainer({ name: "init" })],
      containers: [
        testContainer({
          env: [{ name: "MINE", value: "1" }],
          volumeMounts: [{ name: "scratch", mountPath: "/scratch" }],
        }),
        testContainer({ name: "second", unknown: "kept" } as Partial<ReturnType<typeof testContainer>>),
      ],
      ephemeralContainers: [{ name: "debug", image: "busybox" }],
    },
  } as Pod;
}

async function mutated(pod: Pod): Promise<{ readonly patch: readonly PatchOperation[]; readonly pod: Pod }> {
  const patch = patchIn(await webhook.post(reviewOf(pod))) as readonly PatchOperation[];
  return { patch, pod: applyPatch(pod, patch) };
}

test("applied, it gives each container its secrets", async () => {
  const { pod } = await mutated(richPod());
  for (const container of [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]) {
    expect(container.env).toContainEqual({
      name: "_FSEC_USER-INFO_PASSWORD",
      valueFrom: { secretKeyRef: { name: "user-info", key: "password", optional: true } },
    });
    expect(container.volumeMounts).toContainEqual(expect.objectContaining({ mountPath: "/etc/flyte/secrets/db" }));
  }
});

test("it adds, replaces and removes only, at indices that are not negative", async () => {
  const { patch } = await mutated(richPod());
  expect(patch.length).toBeGreaterThan(0);
  for (const { op, path } of patch) {
    expect(["add", "replace", "remove"]).toContain(op);
    expect(path).not.toMatch(/\/-\d/);
  }
});

test("called again with what the API server made of the result, it says that nothing is to do", async () => {
  const { pod } = await mutated(richPod());
  const response = responseIn(await webhook.post(reviewOf(asReinvoked(pod))));
  expect(response).toMatchObject({ allowed: true });
  expect(response.patch).toBeUndefined();
});

test("the same review gets the same bytes", async () => {
  const body = reviewOf(richPod());
  const texts = new Set<string>();
  for (let count = 0; count < 20; count++) texts.add((await webhook.post(body)).text);
  expect(texts.size).toBe(1);
});

test("it touches nothing outside of the places for secrets", async () => {
  const { patch } = await mutated(richPod());
  const allowed =
    /^\/(metadata\/annotations|spec\/(volumes|initContainers|imagePullSecrets|(initContainers|containers)\/\d+\/(env|volumeMounts)))(\/|$)/;
  for (const { path } of patch) expect(path).toMatch(allowed);
});

test("unknown fields and ephemeral containers survive", async () => {
  const before = richPod();
  const { pod } = await mutated(before);
  expect(pod.spec).toMatchObject({ future: { field: [1, { deep: true }] } });
  expect(pod.spec?.containers?.[1]).toMatchObject({ unknown: "kept" });
  expect(pod.spec).toMatchObject({ ephemeralContainers: [{ name: "debug", image: "busybox" }] });
});

test("what the user wrote stays, in its order", async () => {
  const before = richPod();
  const { pod } = await mutated(before);
  expect(pod.spec?.volumes?.[0]).toEqual({ name: "scratch", emptyDir: {} });
  const [container] = pod.spec?.containers ?? [];
  expect(container?.env).toContainEqual({ name: "MINE", value: "1" });
  expect(container?.volumeMounts?.[0]).toEqual({ name: "scratch", mountPath: "/scratch" });
});
