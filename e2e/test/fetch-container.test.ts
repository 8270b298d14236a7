/** Pods with the init container that fetches, and a real API server that enforces the Pod Security Standard `restricted`. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { podAsking } from "../../apps/webhook/test/managers/asking.ts";
import { admitted, composedOf } from "../../apps/webhook/test/managers/composed.ts";
import type { Pod, SecretAsk } from "../../packages/core/src/index.ts";
import { startControlPlane, type ControlPlane } from "../cluster/src/index.ts";
import { apiClient, type ApiClient } from "./rig/api-client.ts";
import { createNamespace } from "./rig/namespace.ts";

const FETCHER = "fetcher: { image: registry.example.com/pod-secrets-fetch:1, sizeLimit: 1024Mi }";
const composition = await composedOf(`global: false
managers:
  - { use: aws, options: { mode: fetch, ${FETCHER} } }
  - use: confidant
    options: { url: https://confidant.example.com, auth: { key: alias/authnz, to: confidant }, ${FETCHER} }`);
const { settings } = composition;
const sidecar = await composedOf("global: false\nmanagers: [{ use: aws }]");
const NAMESPACE = "restricted";

const ASKS: readonly SecretAsk[] = [
  { group: "arn:aws:secretsmanager:us-east-2:123456789012:secret", key: "db#Password", envVar: "PASSWORD_FILE" },
  { group: "Warehouse $(DB)", key: "User", groupVersion: "12" },
];

let cluster: ControlPlane;
let api: ApiClient;

beforeAll(async () => {
  cluster = await startControlPlane();
  api = await apiClient(cluster);
  await createNamespace(api, NAMESPACE, { "pod-security.kubernetes.io/enforce": NAMESPACE });
});

afterAll(async () => {
  api?.[Symbol.dispose]();
  await cluster?.stop();
  await Promise.all([composition.dispose(), sidecar.dispose()]);
});

/** A task that the standard lets in. */
function taskPod(securityContext: object = {}, asks: readonly SecretAsk[] = ASKS): Pod {
  const asking = podAsking(...asks);
  return {
    ...asking,
    metadata: { ...asking.metadata, namespace: NAMESPACE },
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" }, ...securityContext },
      containers: [
        {
          name: "main",
          image: "example.com/task:1",
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
    },
  };
}

describe("the API server", () => {
  test.each([
    ["without a user", {}],
    ["with user and group of its files", { runAsUser: 1000, fsGroup: 2000 }],
  ])("takes a pod %s, and what it makes of it is final", async (_what, securityContext) => {
    const mutation = await admitted(taskPod(securityContext), settings);
    if (mutation.outcome !== "changed") throw new Error(JSON.stringify(mutation));
    const { status, body } = await api.createPod<Pod>(NAMESPACE, mutation.pod);
    expect(body).toMatchObject({ kind: "Pod" });
    expect(status).toBe(201);
    expect(body.spec?.initContainers?.map(({ name }) => name)).toEqual(["pod-secrets-fetch"]);
    expect((await admitted(body, settings)).outcome).toBe("unchanged");
  });

  test("does not take one with Flyte's sidecar as it is by default", async () => {
    const mutation = await admitted(taskPod({}, ASKS.slice(0, 1)), sidecar.settings);
    if (mutation.outcome !== "changed") throw new Error(JSON.stringify(mutation));
    expect(await api.createPod(NAMESPACE, mutation.pod)).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining("violates PodSecurity") },
    });
  });
});
