/** How long to wait before the next attempt. */

/** Milliseconds: the first wait at most, and any wait at most. */
const FIRST = 200;
const MOST = 10_000;

/**
 * Exponential with full jitter: anything up to a bound that doubles, so that pods that failed together do not come
 * back together (AWS Architecture Blog, "Exponential Backoff and Jitter").
 * @param attempts that failed so far, from 1 on
 * @param random from 0 to below 1
 */
export function backoff(attempts: number, random: () => number): number {
  return random() * Math.min(MOST, FIRST * 2 ** Math.min(attempts - 1, 16));
}
