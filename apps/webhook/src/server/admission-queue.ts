/**
 * Admissions in the order in which they came, when more come than can be answered at once. Each turn of the event
 * loop works on them for a while only, so that those that come, those whose client has gone, and probes are seen.
 */
import type { TurnClock } from "./turn-clock.ts";

/** What becomes of an admission: its turn has come; it cannot be answered in time; or nobody waits for it any more. */
export type Turn = "now" | "late" | "gone";

/** Who waits. */
export interface Waiting {
  /** Whether its client has gone. */
  readonly isClosed: boolean;
}

export interface AdmissionQueue {
  /**
   * Whether an admission that comes now would be answered too late.
   * @param deadline of `performance`, in milliseconds
   */
  readonly isLate: (deadline: number) => boolean;
  /** Waits for its turn, unless it can begin at once, which is the rule. */
  readonly enter: (deadline: number, admission: Waiting) => Turn | Promise<Turn>;
  /** How many wait. */
  readonly waiting: () => number;
}

/** How long one turn of the event loop works on admissions, in milliseconds. */
const SLICE = 10;
/** Most that wait; the deadline of the longest possible timeout ends a shorter queue on any machine that is of use. */
const MAX_WAITING = 10_000;
/** How much the last turn counts in what one admission takes. */
const SMOOTHING = 0.2;

interface Place {
  readonly deadline: number;
  readonly admission: Waiting;
  readonly take: (turn: Turn) => void;
}

export function createAdmissionQueue(clock: TurnClock): AdmissionQueue {
  const places = new Set<Place>();
  /** Milliseconds that pass for each admission while some wait. */
  let pace = 0;
  let turned = 0;
  let isTurning = false;

  const isLate = (deadline: number): boolean => performance.now() + places.size * pace > deadline;
  const work = async (): Promise<void> => {
    const began = performance.now();
    let done = 0;
    for (const place of places) {
      if (performance.now() - began > SLICE) break;
      places.delete(place);
      const turn = turnOf(place.deadline, place.admission);
      place.take(turn);
      if (turn !== "now") continue;
      done++;
      // One after the other: whether there is time for the next is known when this one is done.
      // oxlint-disable-next-line no-await-in-loop
      await allThatCanGoOn();
    }
    if (done > 0) pace += SMOOTHING * ((performance.now() - turned) / done - pace);
    turned = performance.now();
    if (places.size > 0) setImmediate(() => void work());
    else isTurning = false;
  };
  return {
    isLate,
    enter: (deadline, admission) => {
      if (places.size === 0 && clock.spent() < SLICE) return turnOf(deadline, admission);
      if (places.size >= MAX_WAITING || isLate(deadline)) return "late";
      if (!isTurning) {
        isTurning = true;
        turned = performance.now();
        setImmediate(() => void work());
      }
      return new Promise((take) => places.add({ deadline, admission, take }));
    },
    waiting: () => places.size,
  };
}

function turnOf(deadline: number, { isClosed }: Waiting): Turn {
  if (isClosed) return "gone";
  return performance.now() > deadline ? "late" : "now";
}

/** What a promise lets go on runs before this is over, and what that lets go on too, as long as nothing is waited for. */
function allThatCanGoOn(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
