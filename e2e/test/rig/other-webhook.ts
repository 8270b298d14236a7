/** Another mutating webhook of a cluster, on this machine. */
import { once } from "node:events";
import { createServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

import { makeSelfSigned } from "../../../apps/webhook/src/certificates/self-signed.ts";
import type { Pod } from "../../../packages/core/src/index.ts";
import type { ApiClient } from "./api-client.ts";
import { REGISTRATIONS } from "./registration.ts";
import { restricted } from "./task-output.ts";

export interface OtherWebhook {
  /** Of its registration: they are called in the order of their names. */
  readonly name: string;
  /** Pods of this namespace are sent to it. */
  readonly namespace: string;
  /** Labels that they must have as well. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The same pod when there is nothing to do. */
  readonly edit: (pod: Pod) => Pod;
}

interface Review {
  readonly request: { readonly uid: string; readonly object: Pod };
}

/** Starts and registers it, and waits until the API server calls it. */
export async function startOtherWebhook(api: ApiClient, webhook: OtherWebhook): Promise<AsyncDisposable> {
  const { certificate, ca } = await makeSelfSigned(Date.now());
  const server = createServer({ cert: certificate.certificate, key: certificate.key }, (request, response) => {
    void answer(webhook, request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  await register(api, webhook, { port: (server.address() as AddressInfo).port, ca });
  return {
    [Symbol.asyncDispose]: async () => {
      await api.send("DELETE", `${REGISTRATIONS}/${webhook.name}`);
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer({ edit }: OtherWebhook, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { request: asked } = (await json(request)) as Review;
  const edited = edit(asked.object);
  const patch = edited === asked.object ? [] : [{ op: "replace", path: "/spec", value: edited.spec }];
  const result = {
    uid: asked.uid,
    allowed: true,
    patchType: "JSONPatch",
    patch: Buffer.from(JSON.stringify(patch)).toString("base64"),
  };
  const review = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: result };
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(review));
}

async function register(api: ApiClient, webhook: OtherWebhook, at: { port: number; ca: string }): Promise<void> {
  const { name, namespace, labels = {}, edit } = webhook;
  const entry = {
    name: `${name}.example.com`,
    clientConfig: { url: `https://127.0.0.1:${at.port}/`, caBundle: Buffer.from(at.ca).toString("base64") },
    rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }],
    objectSelector: { matchLabels: labels },
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
  };
  await api.send("POST", REGISTRATIONS, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name },
    webhooks: [entry],
  });
  const spec = { containers: [{ name: "main", image: "registry.example.com/task:1" }] };
  const probe = restricted({ apiVersion: "v1", kind: "Pod", metadata: { name: "probe", labels }, spec });
  for (let tries = 0; tries < 200; tries += 1) {
    const { status, body } = await api.createPod<Pod>(namespace, probe);
    if (status === 201 && edit(body) === body) return;
    await sleep(50);
  }
  throw new Error(`the API server does not call the webhook ${name}`);
}
