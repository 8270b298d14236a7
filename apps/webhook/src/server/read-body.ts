/** Reads the body of a request into memory, never more of it than allowed. */
import type { IncomingMessage } from "node:http";

import { MAX_SMALL_BODY, type BodySize, type ByteBudget } from "./byte-budget.ts";

export type Body =
  | {
      readonly outcome: "read";
      readonly bytes: Buffer;
      /** Bytes taken from the budget for it. */
      readonly held: number;
    }
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
 * What is held of a body that was read stays taken from the budget: the caller gives it back after the answer.
 * @param limit bytes
 */
export function readBody(request: IncomingMessage, limit: number, budget: ByteBudget): Promise<Body> {
  const announced = announcedBy(request);
  const size: BodySize = announced !== undefined && announced <= MAX_SMALL_BODY ? "small" : "large";
  const longest = Math.min(announced ?? limit, limit);
  return new Promise((resolve) => {
    let held: Buffer = NOTHING;
    let length = 0;
    let isSettled = false;
    const settle = (body: Body): void => {
      if (isSettled) return;
      isSettled = true;
      if (body.outcome !== "read") budget.give(held.length);
      held = NOTHING;
      resolve(body);
    };
    const add = (chunk: Buffer): boolean => {
      const room = roomFor(held.length, length + chunk.length, longest);
      if (!budget.take(room - held.length, size)) return false;
      held = appended(held, length, chunk, room);
      length += chunk.length;
      return true;
    };
    request.on("data", (chunk: Buffer) => {
      if (isSettled) return;
      if (length + chunk.length > limit) settle({ outcome: "too-large" });
      else if (!add(chunk)) settle({ outcome: "busy" });
    });
    request.on("end", () => settle({ outcome: "read", bytes: held.subarray(0, length), held: held.length }));
    request.on("error", () => settle({ outcome: "aborted" }));
    request.on("close", () => settle({ outcome: "aborted" }));
  });
}

const NOTHING = Buffer.alloc(0);

/** Node's parser takes no more of a body than its head announces; a body in chunks announces nothing. */
function announcedBy({ headers }: IncomingMessage): number | undefined {
  const announced = headers["content-length"];
  return announced === undefined ? undefined : Number(announced);
}

/**
 * A body may come in chunks of one byte, and a Buffer takes 300 bytes beside its own. So all but the first are copied
 * into one, which doubles: what a client announces and does not send takes no memory.
 */
function roomFor(room: number, needed: number, longest: number): number {
  if (needed <= room) return room;
  // Most bodies come at once, and need no copy.
  return room === 0 ? needed : Math.max(needed, Math.min(2 * needed, longest));
}

/** @param length how much of `held` is taken @param room as long as `held`, or longer */
function appended(held: Buffer, length: number, chunk: Buffer, room: number): Buffer {
  if (length === 0) return chunk;
  // Of its own memory, not the pool's: it is as long as was charged for.
  const longer = room === held.length ? held : Buffer.allocUnsafeSlow(room);
  if (longer !== held) held.copy(longer, 0, 0, length);
  chunk.copy(longer, length);
  return longer;
}
