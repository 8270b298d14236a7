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

/** How long clients wait for an answer, as those said that got one. */
export interface Patience {
  /** Milliseconds. */
  readonly current: () => number;
  readonly learn: (milliseconds: number) => void;
}

export function createPatience(): Patience {
  let patience = admissionBudget("");
  return {
    current: () => patience,
    learn: (milliseconds) => {
      patience = milliseconds;
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
