/** Work that may be asked for at any moment, and never runs twice at the same time. */

/**
 * A call during a run asks for one more run after it: what it looks at may have changed behind it.
 * @param work must not reject
 * @returns asks for a run; does nothing once the signal is aborted
 */
export function oneAtATime(work: () => Promise<void>, signal: AbortSignal): () => void {
  let state: "idle" | "working" | "work-again" = "idle";
  const start = (): void => {
    if (signal.aborted) return;
    if (state !== "idle") {
      state = "work-again";
      return;
    }
    state = "working";
    void work().finally(() => {
      const isAskedAgain = state === "work-again";
      state = "idle";
      if (isAskedAgain) start();
    });
  };
  return start;
}
