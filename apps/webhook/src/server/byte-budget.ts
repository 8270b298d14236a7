/**
 * Bounds the memory that request bodies take all together. Only bytes that have arrived count: a client that
 * announces much and sends nothing takes nothing away from the others. A part is kept for small bodies, so that
 * a few large ones that never end do not keep all pods from being admitted.
 */
export interface ByteBudget {
  /** Takes `bytes` of a body, or says that they are not to be had. */
  readonly take: (bytes: number, size: BodySize) => boolean;
  readonly give: (bytes: number) => void;
  /** Bytes taken now. */
  readonly taken: () => number;
}

/** By what a body announces: at most `MAX_SMALL_BODY` bytes, or more. */
export type BodySize = "small" | "large";

/** In bytes. Reviews of pods have 10 to 60 kB. */
export const MAX_SMALL_BODY = 262_144;

/** What is kept for small bodies at most, in bytes. */
const MAX_KEPT = 8_388_608;

/**
 * An eighth of the budget is kept for small bodies, up to 8 MiB, but never so much that the largest body does
 * not fit beside it.
 * @param limit bytes of all bodies
 * @param largestBody bytes of one body
 */
export function createByteBudget(limit: number, largestBody: number): ByteBudget {
  const kept = Math.min(MAX_KEPT, Math.floor(limit / 8), Math.max(0, limit - largestBody));
  let taken = 0;
  return {
    take: (bytes, size) => {
      if (taken + bytes > (size === "small" ? limit : limit - kept)) return false;
      taken += bytes;
      return true;
    },
    give: (bytes) => {
      taken -= bytes;
    },
    taken: () => taken,
  };
}
