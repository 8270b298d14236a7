/** How long code of a plugin may take, beside its answers to admissions: what never answers must hold up nothing. */
import type { MaybePromise } from "@pod-secrets/core";

/** Milliseconds for each step of a start: to load, to check the options, to create. */
export const START_LIMIT = 30_000;
/** Milliseconds for the end of one injector. A few of them have to fit into the grace period of a pod. */
export const STOP_LIMIT = 2000;

/** Work that was not done in time. Its text is ours, and safe to show. */
export class NoAnswer extends Error {
  constructor(limit: number) {
    super(`no answer within ${limit / 1000} s`);
  }
}

/**
 * Does work, and waits so many milliseconds for what comes of it. Keeps the process alive until then: without, Node
 * would end it in the middle of the wait.
 * @throws NoAnswer, and whatever the work throws
 */
export async function within<Value>(limit: number, work: () => MaybePromise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(limit)), limit);
  });
  try {
    return await Promise.race([work(), timeIsUp]);
  } finally {
    clearTimeout(timer);
  }
}
