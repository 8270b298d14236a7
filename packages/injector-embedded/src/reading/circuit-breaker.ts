/**
 * Leaves a store alone that fails again and again: then it is not asked for a while, after which a single call tries
 * whether it works.
 */

export interface BreakerLimits {
  /** So many failures in a row open it. */
  readonly failures: number;
  /** Milliseconds that it stays open. */
  readonly pause: number;
}

/** Told once how the call went: whether the store works, whatever it said of the secret. */
export type Permit = (works: boolean) => void;

export interface CircuitBreaker {
  /** Whether the store is left alone now. */
  isOpen(): boolean;
  /** Leave to make one call; undefined while the store is left alone. */
  enter(): Permit | undefined;
}

type State =
  | { readonly is: "closed"; failures: number }
  | { readonly is: "open"; readonly until: number }
  | { readonly is: "trying" };

/**
 * @param elapsed milliseconds that only grow
 * @param onChange told when it opens, also again, and when it closes
 */
export function createCircuitBreaker(
  limits: BreakerLimits,
  elapsed: () => number,
  onChange: (state: "open" | "closed") => void,
): CircuitBreaker {
  let state: State = { is: "closed", failures: 0 };
  const open = (): void => {
    state = { is: "open", until: elapsed() + limits.pause };
    onChange("open");
  };
  const permit = (given: State): Permit => {
    return (works) => {
      // Of a call that began before it opened: what it says is old.
      if (state !== given) return;
      if (given.is === "closed") {
        given.failures = works ? 0 : given.failures + 1;
        if (given.failures >= limits.failures) open();
      } else if (works) {
        state = { is: "closed", failures: 0 };
        onChange("closed");
      } else open();
    };
  };
  return {
    isOpen: () => state.is === "trying" || (state.is === "open" && elapsed() < state.until),
    enter() {
      if (state.is === "open" && elapsed() >= state.until) {
        state = { is: "trying" };
        return permit(state);
      }
      return state.is === "closed" ? permit(state) : undefined;
    },
  };
}
