/**
 * HTTP answers. An error is a Kubernetes `Status` (meta/v1): the API server shows its message to whoever created
 * the pod, where it would quote the first 2,048 bytes of any other text.
 */
import type { IncomingMessage, ServerResponse } from "node:http";

/** HTTP code to the reason that meta/v1 names for it (`StatusReason` in apimachinery). */
const REASONS = {
  400: "BadRequest",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  413: "RequestEntityTooLarge",
  415: "UnsupportedMediaType",
  417: "BadRequest",
  429: "TooManyRequests",
  500: "InternalError",
} as const;

export type StatusCode = keyof typeof REASONS;

/** An answer that is no review. */
export interface StatusReply {
  readonly code: StatusCode;
  /** One line, no full stop at the end. */
  readonly message: string;
  /** What to do, in a sentence. */
  readonly fix: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How long a client that is refused may go on sending what it has begun, in milliseconds. */
const LINGER = 2000;

/**
 * Answers with a status. Its connection ends, but for that of a client that is asked to try again.
 *
 * A connection that is closed while its client sends takes the answer away with it, so what still comes is read and
 * thrown away for a moment.
 */
export function sendStatus(request: IncomingMessage, response: ServerResponse, reply: StatusReply): void {
  const { code, message, fix, headers } = reply;
  const reason = REASONS[code];
  const text = `${message}. Fix: ${fix}`;
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message: text, reason, code };
  if (code !== 429) response.setHeader("Connection", "close");
  const json = JSON.stringify(status);
  if (request.complete || code === 429) {
    sendJson(response, code, json, headers);
    return;
  }
  writeHead(response, code, json, headers);
  response.write(json);
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, LINGER);
  request.once("close", end).resume();
}

/** Sends text as a whole, with its length: without, Node would cut it into chunks. */
export function sendJson(
  response: ServerResponse,
  code: number,
  text: string,
  headers?: Readonly<Record<string, string>>,
): void {
  writeHead(response, code, text, headers);
  response.end(text);
}

function writeHead(
  response: ServerResponse,
  code: number,
  text: string,
  headers: Readonly<Record<string, string>> | undefined,
): void {
  response.writeHead(code, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
    ...headers,
  });
}
