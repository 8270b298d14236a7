/** A small HTTPS server in the place of an API server, for answers that the real one does not give on demand. */
import { createServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { onTestFinished } from "vitest";

import { makeSelfSigned } from "../../src/certificates/self-signed.ts";
import { openKubernetes, type KubernetesConnection } from "../../src/kubernetes/open-client.ts";

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type Answer = (asked: Asked, response: ServerResponse) => void;

export interface ApiDouble {
  readonly port: number;
  readonly ca: string;
  readonly asked: readonly Asked[];
  /** Ends connections, and listens no longer. */
  stop(): Promise<void>;
  /** Listens again on the same port. */
  start(): Promise<void>;
}

const shared = makeSelfSigned(Date.now());

/** Serves until the test is over. */
export async function startDouble(answer: Answer): Promise<ApiDouble> {
  const { certificate, ca } = await shared;
  const asked: Asked[] = [];
  const server = createServer({ cert: certificate.certificate, key: certificate.key }, (request, response) => {
    const { method = "", url = "/", headers } = request;
    const hear = async (): Promise<void> => {
      const one = { method, url: new URL(url, "https://api"), headers, body: await textOf(request) };
      asked.push(one);
      answer(one, response);
    };
    void hear();
  });
  // Also those that are in the middle of their handshake, which no method of the server closes.
  const connections = new Set<Socket>();
  server.on("connection", (connection: Socket) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
    if (!server.listening) connection.destroy();
  });
  const listen = (port: number): Promise<void> => new Promise((done) => server.listen(port, "127.0.0.1", done));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const stop = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done());
      for (const connection of connections) connection.destroy();
    });
  onTestFinished(stop);
  return { port, ca, asked, stop, start: () => listen(port) };
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

/** Writes a kubeconfig, in a folder that is gone after the test. @returns its path */
export function kubeconfigFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "pod-secrets-kubeconfig-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "kubeconfig");
  writeFileSync(file, text);
  return file;
}

export interface KubeconfigFields {
  readonly server: string;
  readonly ca: string;
  readonly user?: Readonly<Record<string, unknown>>;
  readonly namespace?: string;
}

export function kubeconfigOf({ server, ca, user = { token: "a-token" }, namespace }: KubeconfigFields): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server, "certificate-authority-data": Buffer.from(ca).toString("base64") } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u", ...(namespace === undefined ? {} : { namespace }) } }],
    "current-context": "x",
  });
}

/** A client of the double, closed after the test. */
export async function connectTo(
  double: ApiDouble,
  options: { readonly kubeconfig?: string; readonly timeLimit?: number } = {},
): Promise<KubernetesConnection> {
  const closing = new AbortController();
  onTestFinished(() => closing.abort());
  const server = `https://127.0.0.1:${double.port}`;
  return openKubernetes({
    kubeconfig: options.kubeconfig ?? kubeconfigFile(kubeconfigOf({ server, ca: double.ca })),
    signal: closing.signal,
    ...(options.timeLimit === undefined ? {} : { timeLimit: options.timeLimit }),
  });
}
