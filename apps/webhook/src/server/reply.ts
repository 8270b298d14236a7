/**
 * HTTP answers. An error is a Kubernetes `Status` (meta/v1): the API server shows its message to whoever created
 * the pod, where it would quote the first 2,048 bytes of any other text.
 */
import type { ServerResponse } from "node:http";

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
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function sendStatus(response: ServerResponse, { code, message, headers }: StatusReply): void {
  const status = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason: REASONS[code],
    code,
  };
  sendJson(response, code, JSON.stringify(status), headers);
}

/** Sends text as a whole, with its length: without, Node would cut it into chunks. */
export function sendJson(
  response: ServerResponse,
  code: number,
  text: string,
  headers?: Readonly<Record<string, string>>,
): void {
  response.writeHead(code, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}
