/** Servers that have faults before they answer as they should. */
import type { ServerResponse } from "node:http";
import { onTestFinished } from "vitest";

import { serveLoopback, type Answer, type LoopbackServer, type ServerIdentity } from "./loopback-server.ts";

/** An answer in place of the right one. */
export type Fault = (response: ServerResponse) => void;

export interface FaultyServer extends LoopbackServer {
  /** What the next calls get, one each. */
  readonly faults: Fault[];
}

/** Serves until the test ends. @param identity makes it an HTTPS server */
export async function serveFaulty(answering: Answer, identity?: ServerIdentity): Promise<FaultyServer> {
  const faults: Fault[] = [];
  const server = await serveLoopback((request, response) => {
    const fault = faults.shift();
    return fault === undefined ? answering(request, response) : fault(response);
  }, identity);
  onTestFinished(() => server.close());
  return { ...server, faults };
}

export function sendJson(response: ServerResponse, status: number, body: object, headers: object = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}
