/** Warnings that a flood of requests could repeat without end. */
import type { Log } from "./log.ts";

/** Of the same warning, one line in so many milliseconds. */
const INTERVAL = 10_000;

/**
 * @param clock milliseconds
 * @returns logs a warning with how often it was due since the last line
 */
export function rateLimited(log: Log, message: string, clock: () => number): () => void {
  let last = Number.NEGATIVE_INFINITY;
  let times = 0;
  return () => {
    times++;
    const now = clock();
    if (now - last < INTERVAL) return;
    log.warn(message, { times });
    last = now;
    times = 0;
  };
}
