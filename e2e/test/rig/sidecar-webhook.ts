/** Another mutating webhook, which adds a container to each pod, as meshes do: then ours is called again. */
import { once } from "node:events";
import { createServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

import { makeSelfSigned } from "../../../apps/webhook/src/certificates/self-signed.ts";
import type { Container } from "../../../packages/core/src/index.ts";
import type { ApiClient } from "./api-client.ts";
import { REGISTRATIONS } from "./registration.ts";

interface Review {
  readonly request: {
    readonly uid: string;
    readonly object: { readonly spec: { readonly containers: readonly { readonly name: string }[] } };
  };
}

const SIDECAR = { name: "proxy", image: "registry.example.com/proxy:1" };

/**
 * Starts and registers it for pods of a namespace with the label `sidecar: "true"`. It is called after ours.
 * @param sidecar the container that it adds
 */
export async function startSidecarWebhook(
  api: ApiClient,
  namespace: string,
  sidecar: Container = SIDECAR,
): Promise<AsyncDisposable> {
  const { certificate, ca } = await makeSelfSigned(Date.now());
  const server = createServer({ cert: certificate.certificate, key: certificate.key }, (request, response) => {
    void addSidecar(sidecar, request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  await register(api, namespace, { port: (server.address() as AddressInfo).port, ca });
  return {
    [Symbol.asyncDispose]: async () => {
      await api.send("DELETE", `${REGISTRATIONS}/${NAME}`);
      server.closeAllConnections();
      server.close();
    },
  };
}

async function addSidecar(sidecar: Container, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { request: asked } = (await json(request)) as Review;
  const isThere = asked.object.spec.containers.some(({ name }) => name === sidecar.name);
  const patch = isThere ? [] : [{ op: "add", path: "/spec/containers/-", value: sidecar }];
  const answer = {
    uid: asked.uid,
    allowed: true,
    patchType: "JSONPatch",
    patch: Buffer.from(JSON.stringify(patch)).toString("base64"),
  };
  const review = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: answer };
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(review));
}

/** Registrations are called in the order of their names. */
const NAME = "zz-sidecar";

async function register(api: ApiClient, namespace: string, at: { port: number; ca: string }): Promise<void> {
  const entry = {
    name: "sidecar.example.com",
    clientConfig: { url: `https://127.0.0.1:${at.port}/`, caBundle: Buffer.from(at.ca).toString("base64") },
    rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }],
    objectSelector: { matchLabels: { sidecar: "true" } },
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
  };
  await api.send("POST", REGISTRATIONS, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: NAME },
    webhooks: [entry],
  });
  const spec = { containers: [{ name: "main", image: "registry.example.com/task:1" }] };
  const probe = { apiVersion: "v1", kind: "Pod", metadata: { name: "probe", labels: { sidecar: "true" } }, spec };
  for (let tries = 0; tries < 200; tries += 1) {
    const { body } = await api.createPod<Partial<Review["request"]["object"]>>(namespace, probe);
    if (body.spec?.containers.length === 2) return;
    await sleep(50);
  }
  throw new Error("the API server does not call the other webhook");
}
