/** One secret: attempts until it is there, until trying again is of no use, or until time is up. */
import { FAILURES, FetchFailure, isFetchFailure } from "../failure.ts";
import type { Clock } from "../ports/clock.ts";
import { backoff } from "./backoff.ts";

/** What became of a secret. */
export type FetchResult =
  | { readonly outcome: "fetched"; readonly value: Uint8Array }
  | { readonly outcome: "failed"; readonly failure: FetchFailure; readonly attempts: number };

/** The time that all secrets of a round share. */
export interface RoundTime {
  readonly clock: Clock;
  /** Of `clock.elapsed()`: no attempt after it. */
  readonly end: number;
  /** Milliseconds for one attempt. */
  readonly attempt: number;
  /** Aborted when the program is told to stop. */
  readonly stop: AbortSignal;
  /** Aborted when the round has failed already, or the program is told to stop: then nothing is tried again. */
  readonly lost: AbortSignal;
  readonly random: () => number;
}

/** @param attempt fetches once; it should end with the signal, and is left alone when it does not */
export async function fetchOne(
  attempt: (signal: AbortSignal) => Promise<Uint8Array>,
  time: RoundTime,
): Promise<FetchResult> {
  const { clock, end, random, stop, lost } = time;
  let last: FetchFailure | undefined;
  for (let attempts = 1; ; attempts++) {
    const result = await tryOnce(attempt, time); // oxlint-disable-line no-await-in-loop -- one after the other
    if (!isFetchFailure(result)) return { outcome: "fetched", value: result };
    // What the deadline cut short says less than what failed before.
    const isCut = result.kind === "timeout" && clock.elapsed() >= end;
    last = isCut && last !== undefined ? last : result;
    const failed = { outcome: "failed", failure: last, attempts } as const;
    if (stop.aborted) return { outcome: "failed", failure: interrupted(), attempts };
    if (!FAILURES[result.kind].retried || lost.aborted) return failed;
    const wait = Math.max(backoff(attempts, random), result.retryAfter ?? 0);
    if (clock.elapsed() + wait >= end) return failed;
    await clock.sleep(wait, lost); // oxlint-disable-line no-await-in-loop -- one after the other
    if (stop.aborted) return { outcome: "failed", failure: interrupted(), attempts };
    if (lost.aborted) return failed;
  }
}

async function tryOnce(
  attempt: (signal: AbortSignal) => Promise<Uint8Array>,
  { clock, end: deadline, attempt: limit, stop }: RoundTime,
): Promise<Uint8Array | FetchFailure> {
  const milliseconds = Math.min(limit, deadline - clock.elapsed());
  if (milliseconds <= 0 || stop.aborted) return late();
  // Not by AbortSignal.any: what it joins to a signal that lives for months stays in memory.
  const call = new AbortController();
  const { promise: over, resolve } = Promise.withResolvers<FetchFailure>();
  const end = (): void => {
    call.abort();
    resolve(late());
  };
  const cancel = clock.limit(milliseconds, end);
  stop.addEventListener("abort", end);
  try {
    return await Promise.race([attempt(call.signal), over]);
  } catch (error) {
    if (isFetchFailure(error)) return error;
    return call.signal.aborted ? late() : internal();
  } finally {
    cancel();
    stop.removeEventListener("abort", end);
  }
}

function late(): FetchFailure {
  return new FetchFailure(
    "timeout",
    "the store did not answer in time",
    "Check the store and the network policies on the way, or raise attemptSeconds and deadlineSeconds.",
  );
}

function interrupted(): FetchFailure {
  return new FetchFailure("interrupted", "the program was told to stop", "Nothing, when the pod was deleted.");
}

/** Its text is not shown: it may hold a value. */
function internal(): FetchFailure {
  return new FetchFailure(
    "internal",
    "the provider threw an error that is no failure it may throw",
    "Report it to the provider's author.",
  );
}
