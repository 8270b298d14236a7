/**
 * Admissions in the order in which they came, when more come than can be answered at once. Each turn of the event
 * loop works on them for a while only, so that those that come, those whose client has gone, and probes are seen.
 *
 * None is sent away because the queue is long: its client would only ask again, each second, and many before it will
 * be skipped. It stays until its turn or its deadline comes; the budget of bytes bounds how many there are.
 */
import type { Accepting } from "./accepting.ts";
import type { TurnClock } from "./turn-clock.ts";

/** What becomes of an admission: its turn has come; it cannot be answered in time; or nobody waits for it any more. */
export type Turn = "now" | "late" | "gone";

/** Who waits. */
export interface Waiting {
  /** Since when, of `performance`, in milliseconds. */
  readonly arrived: number;
  /** Whether its client has gone. */
  readonly isClosed: boolean;
}

export interface AdmissionQueue {
  /**
   * Waits for its turn, unless it can begin at once, which is the rule.
   * @param deadline until when it must be answered, of `performance`, in milliseconds
   */
  readonly enter: (deadline: number, admission: Waiting) => Turn | Promise<Turn>;
  /** How many wait. */
  readonly waiting: () => number;
  /** Since when the first one waits; infinite when none does. */
  readonly oldest: () => number;
}

/** How long one turn of the event loop works on admissions, in milliseconds. */
const SLICE = 10;
/** Most that wait: small reviews that nobody means would fill much memory before they fill the budget of bytes. */
const MAX_WAITING = 10_000;

interface Place {
  readonly deadline: number;
  readonly admission: Waiting;
  readonly take: (turn: Turn) => void;
}

export function createAdmissionQueue(clock: TurnClock, accepting: Accepting): AdmissionQueue {
  /** The earliest first. One that waited for its handshake comes before those that arrived meanwhile. */
  const places: Place[] = [];
  const mayAcceptMore = accepting.patience();
  let isWorking = false;

  const work = async (): Promise<void> => {
    if (mayAcceptMore()) {
      setImmediate(() => void work());
      return;
    }
    const began = performance.now();
    while (performance.now() - began <= SLICE) {
      const place = places.shift();
      if (place === undefined) break;
      const turn = turnOf(place.deadline, place.admission);
      place.take(turn);
      // One after the other: whether there is time for the next is known when this one is done.
      // oxlint-disable-next-line no-await-in-loop
      if (turn === "now") await allThatCanGoOn();
    }
    isWorking = places.length > 0;
    if (isWorking) setImmediate(() => void work());
  };
  return {
    enter: (deadline, admission) => {
      if (places.length === 0 && clock.spent() < SLICE) return turnOf(deadline, admission);
      if (places.length >= MAX_WAITING) return "late";
      if (!isWorking) setImmediate(() => void work());
      isWorking = true;
      return new Promise((take) => insert(places, { deadline, admission, take }));
    },
    waiting: () => places.length,
    oldest: () => places[0]?.admission.arrived ?? Number.POSITIVE_INFINITY,
  };
}

/** Nearly always at the end. */
function insert(places: Place[], place: Place): void {
  let at = places.length;
  while (at > 0 && (places[at - 1]?.admission.arrived ?? 0) > place.admission.arrived) at--;
  places.splice(at, 0, place);
}

function turnOf(deadline: number, { isClosed }: Waiting): Turn {
  if (isClosed) return "gone";
  return performance.now() > deadline ? "late" : "now";
}

/** What a promise lets go on runs before this is over, and what that lets go on too, as long as nothing is waited for. */
function allThatCanGoOn(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
