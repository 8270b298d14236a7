/** A registration made by hand, for tests that are not about how the webhook registers itself. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import type { ApiClient } from "./api-client.ts";
import { restricted } from "./task-output.ts";

export const REGISTRATIONS = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";

/** Where a webhook on this machine listens, and the file with its CA. */
export interface LocalWebhook {
  readonly url: string;
  readonly caFile: string;
  /** Only this namespace is sent to it. */
  readonly namespace: string;
}

/** Registers a webhook on this machine, as Flyte's manifest does but by address. */
export async function register(api: ApiClient, name: string, { url, caFile, namespace }: LocalWebhook): Promise<void> {
  const answer = await api.send("POST", REGISTRATIONS, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name },
    webhooks: [
      {
        name: "flyte-pod-webhook.flyte.org",
        clientConfig: { url, caBundle: readFileSync(caFile).toString("base64") },
        rules: [{ operations: ["CREATE"], apiGroups: ["*"], apiVersions: ["v1"], resources: ["pods"] }],
        objectSelector: { matchLabels: { "inject-flyte-secrets": "true" } },
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        failurePolicy: "Fail",
        reinvocationPolicy: "IfNeeded",
        sideEffects: "None",
        admissionReviewVersions: ["v1", "v1beta1"],
        timeoutSeconds: 10,
      },
    ],
  });
  if (answer.status !== 201) throw new Error(`the registration is refused: ${JSON.stringify(answer.body)}`);
  await untilCalled(api, namespace);
}

/** Waits until pods of a namespace are sent to our webhook. */
export async function untilCalled(api: ApiClient, namespace: string): Promise<void> {
  await untilProbe(api, namespace, (status) => status >= 400);
}

/** Takes a registration away; one that is not there is fine. */
export async function unregister(api: ApiClient, name: string, namespace: string): Promise<void> {
  await api.send("DELETE", `${REGISTRATIONS}/${name}`);
  await untilProbe(api, namespace, (status) => status === 201);
}

/** Only the webhook has anything against it: its annotation cannot be read. */
const PROBE = restricted({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "probe", labels: { "inject-flyte-secrets": "true" }, annotations: { "flyte.secrets/s0": "!" } },
  spec: { containers: [{ name: "main", image: "registry.example.com/task:1" }] },
});

/** The API server sees a change of registrations some milliseconds later. */
async function untilProbe(api: ApiClient, namespace: string, isSeen: (status: number) => boolean): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const { status } = await api.createPod(namespace, PROBE);
    if (status !== 0 && isSeen(status)) return;
    await sleep(50);
  }
  throw new Error("the API server does not see the change of the registration");
}
