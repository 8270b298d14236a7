/** How long a replica holds back, so that not all of them do the same thing at the same moment. */
import type { Action } from "./decide.ts";

export interface Staggering {
  /** Whether the action has been due for long enough; else, in how many milliseconds it will be. */
  ripeIn(action: Action, revision: number | undefined): number;
  /** Milliseconds since this was first said of the rotation. */
  since(key: string): number;
}

/**
 * Milliseconds in which those who remember put back what is gone, before somebody starts from nothing; and the most
 * between replicas that start together, of which only one is to do it.
 */
const START = { least: 150, spread: 100 } as const;
/** Most milliseconds between the fastest replica and the slowest. */
const SPREAD = 2000;

/**
 * @param monotonic a clock in milliseconds that nobody sets
 * @param overlap milliseconds
 */
export function createStaggering(monotonic: () => number, overlap: number, random: () => number): Staggering {
  let waiting: { readonly key: string; readonly until: number } | undefined;
  let phase: { readonly key: string; readonly since: number } | undefined;
  return {
    ripeIn(action, revision) {
      const delay = delayOf(action, overlap);
      if (delay === undefined) return 0;
      const key = `${action.do} ${"step" in action ? action.step : ""} ${revision ?? ""}`;
      if (waiting?.key !== key) waiting = { key, until: monotonic() + delay.least + random() * delay.spread };
      return Math.max(0, waiting.until - monotonic());
    },
    since(key) {
      if (phase?.key !== key) phase = { key, since: monotonic() };
      return monotonic() - phase.since;
    },
  };
}

function delayOf(action: Action, overlap: number): { readonly least: number; readonly spread: number } | undefined {
  const isFromNothing =
    (action.do === "issue" && action.as === "first") || (action.do === "write" && action.step === "mend");
  if (isFromNothing) return START;
  const isStep =
    action.do === "issue" ||
    (action.do === "write" && (action.step === "publish" || action.step === "swap" || action.step === "prune"));
  return isStep ? { least: 0, spread: Math.min(SPREAD, overlap / 10) } : undefined;
}
