/**
 * How often a replica answers what somebody else does to the Secret: at once, but when it is undone each time, no more
 * than ten times a minute. Each write is seen by all replicas and by whoever mounts the Secret.
 */
import type { Action } from "./decide.ts";
import type { Written } from "./secret-store.ts";

export interface MendingPace {
  /** Milliseconds until the next answer may be given. */
  wait(): number;
  /** One was given. */
  answered(): void;
}

/** So many in a row are given at once. */
const AT_ONCE = 5;
/** Milliseconds from one to the next from then on. */
const PAUSE = 6000;

/** @param monotonic a clock in milliseconds that nobody sets */
export function createMendingPace(monotonic: () => number): MendingPace {
  /** When all that was given has been paid for, at one per pause. */
  let paid = Number.NEGATIVE_INFINITY;
  return {
    wait: () => Math.max(0, paid - (AT_ONCE - 1) * PAUSE - monotonic()),
    answered: () => {
      paid = Math.max(paid, monotonic()) + PAUSE;
    },
  };
}

/**
 * Whether it answers what somebody else may have done.
 * @param written what became of it; that a note was lost to another replica's is no sign of anybody else
 */
export function isAnswer(action: Action, written?: Written): boolean {
  switch (action.do) {
    case "create":
      return true;
    case "issue":
      return action.as === "first";
    case "write":
      if (action.step === "acknowledge") return written?.outcome !== "lost";
      return action.step === "restore" || action.step === "mend";
    default:
      return false;
  }
}
