/** A clock that goes on when it is told to: tests wait for events, never for time. */
import type { Clock } from "../../src/ports/clock.ts";

export interface TestClock extends Clock {
  /** Waits that were asked for, in milliseconds. */
  readonly sleeps: readonly number[];
  /** Lets time go on until every limit that is set now has passed. */
  expire(): void;
}

/** Waits pass at once, and time goes on by them. */
export function testClock(): TestClock {
  const sleeps: number[] = [];
  const limits = new Map<() => void, number>();
  let elapsed = 0;
  return {
    sleeps,
    now: () => Date.now(),
    elapsed: () => elapsed,
    sleep: async (milliseconds, signal) => {
      sleeps.push(milliseconds);
      if (!signal.aborted) elapsed += milliseconds;
    },
    limit: (milliseconds, onEnd) => {
      limits.set(onEnd, elapsed + milliseconds);
      return () => void limits.delete(onEnd);
    },
    expire: () => {
      const ends = [...limits.values()];
      elapsed = Math.max(elapsed, ...ends);
      for (const onEnd of limits.keys()) onEnd();
      limits.clear();
    },
  };
}
