import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { expect, test } from "vitest";

import { startControlPlane, type ControlPlane } from "../src/index.ts";
import { createAuthority, type Authority } from "../src/certificates/authority.ts";

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** A webhook that admits everything, and tells the common name of each caller. */
async function startWebhook(authority: Authority, seen: string[]): Promise<{ readonly port: number; stop(): void }> {
  const { certificate, key } = await authority.issueServer("webhook", ["127.0.0.1"]);
  const tls = { cert: certificate, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: true };
  const server = createHttps(tls, (request, response) => {
    seen.push(String((request.socket as TLSSocket).getPeerCertificate().subject.CN));
    void admit(request, response);
  });
  const port = await listen(server);
  return {
    port,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function admit(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = Buffer.concat(await request.toArray()).toString();
  const { request: asked, ...review } = JSON.parse(text) as { request: { uid: string } };
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ ...review, response: { uid: asked.uid, allowed: true } }));
}

function register(cluster: ControlPlane, port: number, ca: string): Promise<unknown> {
  const configuration = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "example" },
    webhooks: [
      {
        name: "example.example.com",
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
        clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(ca).toString("base64") },
      },
    ],
  };
  return cluster.kubectl(["apply", "-f", "-"], { input: JSON.stringify(configuration) });
}

test("the API server shows the client certificate of webhookKubeconfig to webhooks", async () => {
  const authority = await createAuthority();
  const seen: string[] = [];
  const webhook = await startWebhook(authority, seen);
  const { certificate, key } = await authority.issueClient("the API server", []);
  const user = {
    "client-certificate-data": Buffer.from(certificate).toString("base64"),
    "client-key-data": Buffer.from(key).toString("base64"),
  };
  const webhookKubeconfig = JSON.stringify({ apiVersion: "v1", kind: "Config", users: [{ name: "*", user }] });
  try {
    await using cluster = await startControlPlane({ webhookKubeconfig, controllers: false });
    await register(cluster, webhook.port, authority.certificate);
    // A new configuration takes a moment to count.
    await expect
      .poll(
        async () => {
          await cluster.kubectl(["create", "configmap", `example-${Date.now()}`]);
          return seen;
        },
        { timeout: 20_000 },
      )
      .toContain("the API server");
  } finally {
    webhook.stop();
  }
});

test("the API server sends its spans where the tracing configuration says", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cluster-tracing-"));
  const preface: string[] = [];
  const sockets = new Set<Socket>();
  const collector = createTcp((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).once("data", (data: Buffer) => preface.push(data.toString("latin1", 0, 14)));
  });
  try {
    const endpoint = `127.0.0.1:${await listen(collector)}`;
    const tracing = join(folder, "tracing.yaml");
    const config = { apiVersion: "apiserver.config.k8s.io/v1", kind: "TracingConfiguration", endpoint };
    writeFileSync(tracing, JSON.stringify({ ...config, samplingRatePerMillion: 1_000_000 }));
    await using cluster = await startControlPlane({ tracing, controllers: false });
    await cluster.kubectl(["get", "namespaces"]);
    // OTLP over gRPC: HTTP/2 without TLS.
    await expect.poll(() => preface, { timeout: 20_000 }).toContain("PRI * HTTP/2.0");
  } finally {
    for (const socket of sockets) socket.destroy();
    collector.close();
    rmSync(folder, { recursive: true });
  }
});
