/** A loop that sleeps until there is something to do. */

export interface Wakeup {
  /** There is something to do; also when the loop is busy just now. */
  readonly wake: () => void;
  /** Resolves when woken since the last wait, or after so many milliseconds; `Infinity` is until woken. */
  wait(milliseconds: number): Promise<void>;
}

export function createWakeup(): Wakeup {
  let isDue = false;
  let resume: (() => void) | undefined;
  return {
    wake: () => {
      isDue = true;
      resume?.();
    },
    wait: async (milliseconds) => {
      if (!isDue && milliseconds > 0) await sleep(milliseconds, (wakeUp) => (resume = wakeUp));
      isDue = false;
      resume = undefined;
    },
  };
}

function sleep(milliseconds: number, arm: (wakeUp: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = milliseconds === Number.POSITIVE_INFINITY ? undefined : setTimeout(resolve, milliseconds);
    arm(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
