/** HTTP servers on 127.0.0.1 that answer as a test says. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Server as NetServer } from "node:net";

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type Answer = (request: SeenRequest, response: ServerResponse) => void | Promise<void>;

export interface LoopbackServer {
  readonly url: URL;
  /** What was asked, in the order of arrival. */
  readonly requests: readonly SeenRequest[];
  close(): Promise<void>;
}

/** A key and its certificate, in PEM. */
export interface ServerIdentity {
  readonly key: string;
  readonly cert: string;
}

/** @param identity makes it an HTTPS server */
export async function serveLoopback(answer: Answer, identity?: ServerIdentity): Promise<LoopbackServer> {
  const requests: SeenRequest[] = [];
  const onRequest = (incoming: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method = "", url = "", headers } = incoming;
      const request = { method, path: url, headers, body: Buffer.concat(chunks).toString("utf8") };
      requests.push(request);
      Promise.resolve(answer(request, response)).catch((error: unknown) => response.destroy(error as Error));
    });
  };
  const server = identity === undefined ? createServer(onRequest) : createSecureServer({ ...identity }, onRequest);
  const port = await listen(server);
  return {
    url: new URL(`${identity === undefined ? "http" : "https"}://127.0.0.1:${port}`),
    requests,
    close: () => close(server),
  };
}

/** Opens a free port of 127.0.0.1. */
export async function listen(server: NetServer): Promise<number> {
  await new Promise<void>((done, failed) => {
    server.once("error", failed);
    server.listen(0, "127.0.0.1", done);
  });
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
}
