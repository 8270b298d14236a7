/**
 * How long what was just read may have waited. Node reads from all connections that have something once per turn of
 * its event loop; what arrived while a turn was at work is read in the next one, and nobody notes when it came.
 */
import { performance } from "node:perf_hooks";

export interface TurnClock {
  /**
   * Called first by whatever reads from the network.
   * @returns the earliest moment at which what is read now can have arrived, of `performance`, in milliseconds
   */
  readonly arrival: () => number;
  /** Since this turn began to read, in milliseconds. */
  readonly spent: () => number;
}

/** A loop that rested for longer than this had nothing left to read, in milliseconds. */
const REST = 1;

export function createTurnClock(): TurnClock {
  let isTurning = false;
  /** When this turn began to read, or the last one did. */
  let began = 0;
  let earliest = 0;
  /** Milliseconds that the event loop had rested, all in all, when this turn began, or the last one did. */
  let rested = Number.NEGATIVE_INFINITY;
  const end = (): void => {
    isTurning = false;
  };
  const begin = (): void => {
    isTurning = true;
    const now = performance.now();
    const { idleTime } = performance.nodeTiming;
    earliest = idleTime - rested > REST ? now : began;
    began = now;
    rested = idleTime;
    setImmediate(end);
  };
  return {
    arrival: () => {
      if (!isTurning) begin();
      return earliest;
    },
    spent: () => {
      if (!isTurning) begin();
      return performance.now() - began;
    },
  };
}
