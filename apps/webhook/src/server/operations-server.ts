/** `/healthz`, `/readyz` and `/metrics`, on a plain port of their own: no secrets, no configuration, no profiles. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createHttpServer } from "node:https";
import { createServer, type Server } from "node:net";

/** One thing that must hold before pods are sent here. */
export interface ReadinessCheck {
  readonly name: string;
  /** What is missing; `undefined` when all is well. */
  readonly problem: () => string | undefined;
}

export interface OperationsServerOptions {
  readonly checks: readonly ReadinessCheck[];
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Probes and scrapers are few; this keeps a flood of them away from the admissions. */
const MAX_CONNECTIONS = 256;
/** How long a connection may take, in milliseconds. Each serves one request. */
const CONNECTION_TIMEOUT = 10_000;

/**
 * The sockets are plain, and given to an HTTP server of node:https, which takes any. Importing node:http would
 * load undici for its `WebSocket`: 9 MB and 40 ms, a third of what the whole process needs to start.
 */
export function createOperationsServer(options: OperationsServerOptions): Server {
  const http = createHttpServer(
    { maxHeaderSize: 8192 },
    (request, response) => void answer(request, response, options),
  );
  const server = createServer((socket) => {
    const timer = setTimeout(() => socket.destroy(), CONNECTION_TIMEOUT);
    socket.once("close", () => clearTimeout(timer));
    http.emit("secureConnection", socket);
  });
  server.maxConnections = MAX_CONNECTIONS;
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
