/** Waiting, but not for ever. */

/** A call did not end in time. */
export class TimeLimit extends Error {}

/**
 * Runs a call that should end with its signal, and is left alone when it does not.
 * @param closing ends it early
 * @throws TimeLimit after so many milliseconds, or what the call throws
 */
export async function withinTime<Result>(
  call: (signal: AbortSignal) => Promise<Result>,
  milliseconds: number,
  closing: AbortSignal,
): Promise<Result> {
  if (closing.aborted) throw new TimeLimit();
  // Not by AbortSignal.any: what it joins to a signal that lives for months stays in memory.
  const own = new AbortController();
  const { promise: over, reject } = Promise.withResolvers<never>();
  const end = (): void => {
    own.abort();
    reject(new TimeLimit());
  };
  const timer = setTimeout(end, milliseconds);
  closing.addEventListener("abort", end);
  try {
    return await Promise.race([call(own.signal), over]);
  } finally {
    clearTimeout(timer);
    closing.removeEventListener("abort", end);
  }
}

/** What was promised, or after so many milliseconds something else. */
export async function atMost<Result>(
  promised: Promise<Result>,
  milliseconds: number,
  instead: () => Result,
): Promise<Result> {
  const { promise: over, resolve } = Promise.withResolvers<Result>();
  const timer = setTimeout(() => resolve(instead()), milliseconds);
  try {
    return await Promise.race([promised, over]);
  } finally {
    clearTimeout(timer);
  }
}
