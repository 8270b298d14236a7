/** Time, as the program uses it. Tests bring a clock of their own, and wait for nothing. */

export interface Clock {
  /** Milliseconds since 1970, UTC. It may jump. */
  now(): number;
  /** Milliseconds since some moment. It only goes on. */
  elapsed(): number;
  /** Resolves after that many milliseconds, or as soon as the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Calls back after that many milliseconds. @returns what takes that back */
  limit(milliseconds: number, onEnd: () => void): () => void;
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
  limit: (milliseconds, onEnd) => {
    const timer = setTimeout(onEnd, milliseconds);
    return () => clearTimeout(timer);
  },
};
