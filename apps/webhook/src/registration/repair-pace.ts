/**
 * How often a registration is repaired: at once, but less and less often when somebody undoes it each time. A write
 * makes every API server open new connections, so a fight costs admissions.
 */

export interface RepairPace {
  /** Milliseconds until the next repair may be made. */
  wait(): number;
  /** One was made, by this process or another replica. */
  repaired(): void;
  /** Whether somebody undoes repairs. */
  readonly isContested: () => boolean;
}

/** So many in a row are made at once: somebody may be trying things out. */
const AT_ONCE = 4;
/** From then on, milliseconds between two; doubled each time. */
const FIRST_PAUSE = 10_000;
const LONGEST_PAUSE = 300_000;
/** After so many milliseconds without a repair, the fight is over. */
const OVER = 2 * LONGEST_PAUSE;

/** @param clock milliseconds, of a clock that nobody sets */
export function createRepairPace(clock: () => number = () => performance.now()): RepairPace {
  let repairs = 0;
  let last = Number.NEGATIVE_INFINITY;
  const settle = (): void => {
    if (clock() - last > OVER) repairs = 0;
  };
  return {
    wait: () => {
      settle();
      if (repairs < AT_ONCE) return 0;
      const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (repairs - AT_ONCE));
      return Math.max(0, last + pause - clock());
    },
    repaired: () => {
      settle();
      repairs++;
      last = clock();
    },
    isContested: () => {
      settle();
      return repairs >= AT_ONCE;
    },
  };
}
