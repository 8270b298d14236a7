/** `/healthz`, `/readyz` and `/metrics`, on a plain port of their own: no secrets, no configuration, no profiles. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";

import { trackConnections } from "./connections.ts";
import type { Shed } from "./shed-order.ts";

// An import statement would read every export of node:http, and so load undici for its `WebSocket`: 13 MB and 40 ms,
// a third of what the whole process needs to start.
const { createServer } = process.getBuiltinModule("node:http");

/** One thing that must hold before pods are sent here. */
export interface ReadinessCheck {
  readonly name: string;
  /** What is missing; `undefined` when all is well. */
  readonly problem: () => string | undefined;
}

export interface OperationsServerOptions {
  readonly checks: readonly ReadinessCheck[];
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** There are too many connections. */
  readonly onShed: (shed: Shed) => void;
  /** How long a client may take, in milliseconds. Default: 10 s. */
  readonly timeout?: number;
}

/** Probes and scrapers are few; this keeps a flood of them away from the admissions. Beyond, the idlest goes. */
const MAX_CONNECTIONS = 256;
/** How long a client may take for a request, and be silent while it is answered, in milliseconds. */
const TIMEOUT = 10_000;
/** How often the time for a request is looked at, in milliseconds; Node's default of 30 s would make 10 s into 40. */
const CHECKING_INTERVAL = 1000;
/** All headers of a request together, in bytes. */
const MAX_HEADER_SIZE = 8192;

export function createOperationsServer(options: OperationsServerOptions): Server {
  const { timeout = TIMEOUT } = options;
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_SIZE,
      headersTimeout: timeout,
      requestTimeout: timeout,
      connectionsCheckingInterval: Math.min(CHECKING_INTERVAL, timeout),
    },
    (request, response) => void answer(request, response, options),
  );
  server.timeout = timeout;
  const connections = trackConnections(server, { max: MAX_CONNECTIONS, onShed: options.onShed });
  server.on("request", (request, response) => {
    const connection = connections.of(request.socket);
    if (connection === undefined) return;
    connections.begin(connection, request, performance.now());
    response.once("close", () => connections.end(connection, true));
  });
  return server;
}

interface Page {
  readonly code: number;
  readonly text: string;
  readonly contentType?: string;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: OperationsServerOptions,
): Promise<void> {
  const { code, text, contentType = "text/plain; charset=utf-8" } = await page(request, options);
  response.writeHead(code, {
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(text),
    Connection: "close",
    ...(code === 405 ? { Allow: "GET, HEAD" } : {}),
  });
  response.end(text);
}

async function page({ url, method }: IncomingMessage, { checks, metrics }: OperationsServerOptions): Promise<Page> {
  const path = url?.split("?", 1)[0];
  if (path !== "/healthz" && path !== "/readyz" && path !== "/metrics") return { code: 404, text: "not found\n" };
  if (method !== "GET" && method !== "HEAD") return { code: 405, text: "only GET is answered here\n" };
  if (path === "/healthz") return { code: 200, text: "ok\n" };
  if (path === "/readyz") return readiness(checks);
  try {
    return { code: 200, ...(await metrics()) };
  } catch {
    return { code: 500, text: "the metrics cannot be collected\n" };
  }
}

function readiness(checks: readonly ReadinessCheck[]): Page {
  const problems = checks.map(({ problem }) => problem());
  const lines = checks.map(({ name }, index) => {
    const problem = problems[index];
    return problem === undefined ? `[+] ${name}: ok\n` : `[-] ${name}: ${problem}\n`;
  });
  const isReady = problems.every((problem) => problem === undefined);
  return { code: isReady ? 200 : 503, text: `${isReady ? "ready" : "not ready"}\n${lines.join("")}` };
}
