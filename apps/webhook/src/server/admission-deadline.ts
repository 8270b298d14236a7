/** When an admission must be answered, from the `?timeout=` that the API server sends along. */

/** `timeoutSeconds` of a webhook configuration that names none (admissionregistration/v1), in milliseconds. */
const DEFAULT_TIMEOUT = 10_000;
/** Longest `timeoutSeconds`, in milliseconds. */
const MAX_TIMEOUT = 30_000;
/** The API server rounds the timeout up to whole seconds, so this much of it may not be there. */
const ROUNDED_UP = 1000;
/** For the way back, in milliseconds. */
const MARGIN = 200;
/** A query longer than this is not looked at: the API server's has eleven characters. */
const MAX_QUERY = 256;

const UNITS = { ms: 1, s: 1000, m: 60_000 } as const;

/**
 * Time for the work on one admission, in milliseconds.
 * @param query the query of the URL without `?`
 */
export function admissionBudget(query: string): number {
  const timeout = Math.min(requestedTimeout(query) ?? DEFAULT_TIMEOUT, MAX_TIMEOUT);
  return Math.max(timeout - ROUNDED_UP - MARGIN, timeout / 2);
}

/** How long clients wait for an answer: the longest that one said of late, and no less than the default. */
export interface Patience {
  /** Milliseconds. */
  readonly current: () => number;
  /** @param milliseconds what a client said that got its answer */
  readonly learn: (milliseconds: number) => void;
}

/** What a client said counts for so long at least, and for less than twice as long, in milliseconds. */
const REMEMBERED = 60_000;

/**
 * Before its handshake nobody knows what a client will say. Closing one too late costs a handshake, closing one too
 * early an admission; so one client with a short timeout must not speak for the others.
 * @param clock milliseconds that only grow
 */
export function createPatience(clock: () => number): Patience {
  const least = admissionBudget("");
  let since = clock();
  let longest = least;
  let longestBefore = least;
  const forget = (): void => {
    const age = clock() - since;
    if (age < REMEMBERED) return;
    longestBefore = age < 2 * REMEMBERED ? longest : least;
    longest = least;
    since += Math.floor(age / REMEMBERED) * REMEMBERED;
  };
  return {
    current: () => {
      forget();
      return Math.max(longest, longestBefore);
    },
    learn: (milliseconds) => {
      forget();
      longest = Math.max(longest, milliseconds);
    },
  };
}

/** A timeout that is absent, zero or in no known form counts as none. */
function requestedTimeout(query: string): number | undefined {
  if (query.length > MAX_QUERY) return undefined;
  const match = /(?:^|&)timeout=(\d{1,6})(ms|s|m)(?:&|$)/.exec(query);
  const milliseconds = Number(match?.[1] ?? 0) * UNITS[(match?.[2] ?? "s") as keyof typeof UNITS];
  return milliseconds > 0 ? milliseconds : undefined;
}
