/** Pods with the init container that fetches, and a real API server that enforces the Pod Security Standard `restricted`. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Composition } from "../../apps/webhook/src/compose/composition.ts";
import { podAsking } from "../../apps/webhook/test/managers/asking.ts";
import { admitted, composedOf } from "../../apps/webhook/test/managers/composed.ts";
import type { Pod, SecretAsk } from "../../packages/core/src/index.ts";
import { startControlPlane, type ControlPlane } from "../cluster/src/index.ts";
import { apiClient, type ApiClient } from "./rig/api-client.ts";
import { createNamespace } from "./rig/namespace.ts";

const managersWith = (more = "") => {
  const fetcher = `fetcher: { image: registry.example.com/pod-secrets-fetch:1, sizeLimit: 1024Mi${more} }`;
  return `global: false
managers:
  - { use: aws, options: { mode: fetch, ${fetcher} } }
  - { use: azure, options: { mode: fetch, ${fetcher} } }
  - { use: gcp, options: { mode: fetch, ${fetcher} } }
  - use: confidant
    options: { url: https://confidant.example.com, auth: { key: alias/authnz, to: confidant }, ${fetcher} }`;
};
const files = await composedOf(managersWith());
const all = await composedOf(managersWith(", envVars: fileKeyRef, refresh: {}"));
const sidecar = await composedOf("global: false\nmanagers: [{ use: aws }]");
const NAMESPACE = "restricted";

const ASKS: readonly SecretAsk[] = [
  { group: "arn:aws:secretsmanager:us-east-2:123456789012:secret", key: "db#Password", envVar: "PASSWORD_FILE" },
  { group: "Warehouse $(DB)", key: "User", groupVersion: "12" },
  { group: "projects/my-project/secrets/Warehouse", key: "User", groupVersion: "latest" },
  { group: "https://my-vault.vault.azure.net/secrets/Warehouse" },
];
const ENV_VARS = ASKS.map((ask): SecretAsk => ({ ...ask, envVar: "", mountRequirement: "ENV_VAR" }));

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
  await Promise.all([files.dispose(), all.dispose(), sidecar.dispose()]);
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

/** The pod with its secrets, as the webhook would have the API server make it. */
async function given(pod: Pod, { settings }: Composition): Promise<Pod> {
  const mutation = await admitted(pod, settings);
  if (mutation.outcome !== "changed") throw new Error(JSON.stringify(mutation));
  return mutation.pod;
}

describe("the API server", () => {
  test.each([
    ["without a user", {}],
    ["with user and group of its files", { runAsUser: 1000, fsGroup: 2000 }],
  ])("takes a pod %s, and what it makes of it is final", async (_what, securityContext) => {
    const pod = await given(taskPod(securityContext), files);
    const { status, body } = await api.createPod<Pod>(NAMESPACE, pod);
    expect(body).toMatchObject({ kind: "Pod" });
    expect(status).toBe(201);
    expect(body.spec?.initContainers?.map(({ name }) => name)).toEqual(["pod-secrets-fetch"]);
    expect((await admitted(body, files.settings)).outcome).toBe("unchanged");
  });

  test("takes one with env vars by fileKeyRef, whatever their names, and a sidecar, and that is final", async () => {
    const { status, body } = await api.createPod<Pod>(NAMESPACE, await given(taskPod({}, [...ASKS, ...ENV_VARS]), all));
    expect(body).toMatchObject({ kind: "Pod" });
    expect(status).toBe(201);
    expect(body.spec?.initContainers).toMatchObject([
      { name: "pod-secrets-fetch" },
      { name: "pod-secrets-refresh", restartPolicy: "Always" },
    ]);
    expect(body.spec?.containers[0]?.env).toContainEqual({
      name: "_FSEC_WAREHOUSE $(DB)_USER",
      valueFrom: { fileKeyRef: expect.objectContaining({ volumeName: "pod-secrets-fetch", key: "VALUE" }) },
    });
    expect((await admitted(body, all.settings)).outcome).toBe("unchanged");
  });

  test("does not take one with Flyte's sidecar as it is by default", async () => {
    expect(await api.createPod(NAMESPACE, await given(taskPod({}, ASKS.slice(0, 1)), sidecar))).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining("violates PodSecurity") },
    });
  });

  test("without fileKeyRef refuses a pod with such env vars, and starts none without its secret", async () => {
    await cluster.restartApiServer(["--feature-gates=EnvFiles=false"]);
    expect(await api.createPod(NAMESPACE, await given(taskPod({}, ENV_VARS), all))).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining("must specify one of") },
    });
  });
});
