/** Time, as the program uses it. Tests bring a clock of their own, and wait for nothing. */

export interface Clock {
  /** Milliseconds since 1970, UTC. It may jump. */
  now(): number;
  /** Milliseconds since some moment. It only goes on. */
  elapsed(): number;
  /** Resolves after that many milliseconds, or as soon as the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** A signal that is aborted after that many milliseconds, unless it is cancelled before. */
  limit(milliseconds: number): TimeLimit;
}

export interface TimeLimit {
  readonly signal: AbortSignal;
  cancel(): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      const timer = setTimeout(wake, signal.aborted ? 0 : milliseconds);
      signal.addEventListener("abort", wake);
    }),
  limit: (milliseconds) => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), milliseconds);
    return { signal: controller.signal, cancel: () => clearTimeout(timer) };
  },
};
