/** Reads the body of a request into memory, never more of it than allowed. */
import type { IncomingMessage } from "node:http";

import { MAX_SMALL_BODY, type BodySize, type ByteBudget } from "./byte-budget.ts";

export type Body =
  | { readonly outcome: "read"; readonly bytes: Buffer }
  /** Longer than the limit. */
  | { readonly outcome: "too-large" }
  /** The bodies in memory take up the whole budget. */
  | { readonly outcome: "busy" }
  /** The client has gone. */
  | { readonly outcome: "aborted" };

/**
 * Reads to the end of the body. What comes after a limit was passed is thrown away as it arrives, so that the
 * answer reaches a client that is still sending. The server's request timeout bounds how long that goes on.
 *
 * The bytes of a body that was read stay taken from the budget: the caller gives them back after the answer.
 * @param limit bytes
 */
export function readBody(request: IncomingMessage, limit: number, budget: ByteBudget): Promise<Body> {
  const size = sizeOf(request);
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let length = 0;
    let isSettled = false;
    const settle = (body: Body): void => {
      if (isSettled) return;
      isSettled = true;
      if (body.outcome !== "read") budget.give(length);
      chunks = [];
      resolve(body);
    };
    request.on("data", (chunk: Buffer) => {
      if (isSettled) return;
      if (length + chunk.length > limit) settle({ outcome: "too-large" });
      else if (budget.take(chunk.length, size)) {
        length += chunk.length;
        chunks.push(chunk);
      } else settle({ outcome: "busy" });
    });
    request.on("end", () => settle({ outcome: "read", bytes: joined(chunks, length) }));
    request.on("error", () => settle({ outcome: "aborted" }));
    request.on("close", () => settle({ outcome: "aborted" }));
  });
}

/** Node's parser takes no more of a body than its head announces; a body in chunks announces nothing. */
function sizeOf({ headers }: IncomingMessage): BodySize {
  const announced = headers["content-length"];
  return announced !== undefined && Number(announced) <= MAX_SMALL_BODY ? "small" : "large";
}

function joined(chunks: readonly Buffer[], length: number): Buffer {
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, length);
}
