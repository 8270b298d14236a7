/** How long to wait before something is tried again: longer each time, and never the same for many at once. */

/** The waits after the first, second, ... failure in a row, in milliseconds. */
export interface BackoffLimits {
  readonly first: number;
  readonly most: number;
}

/** For calls of the API. */
export const CALL_BACKOFF: BackoffLimits = { first: 100, most: 30_000 };

/**
 * Doubles from the first wait to the longest. Of each, half is fixed and half chance, so that replicas that failed
 * together do not come back together.
 * @param failures in a row so far, from 1 on
 */
export function backoff(failures: number, { first, most }: BackoffLimits, random: () => number = Math.random): number {
  const wait = Math.min(most, first * 2 ** (failures - 1));
  return wait / 2 + (random() * wait) / 2;
}
