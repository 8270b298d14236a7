/**
 * Bounds the memory that request bodies take all together. Only bytes that have arrived count: a client that
 * announces much and sends nothing takes nothing away from the others.
 */
export interface ByteBudget {
  /** Takes `bytes`, or says that they are not to be had. */
  readonly take: (bytes: number) => boolean;
  readonly give: (bytes: number) => void;
  /** Bytes taken now. */
  readonly taken: () => number;
}

export function createByteBudget(limit: number): ByteBudget {
  let taken = 0;
  return {
    take: (bytes) => {
      if (taken + bytes > limit) return false;
      taken += bytes;
      return true;
    },
    give: (bytes) => {
      taken -= bytes;
    },
    taken: () => taken,
  };
}
