/** A timer that rings once, at the earliest of the times that were asked for. Keeps no process alive. */
export interface Alarm {
  /** @param milliseconds from now on */
  in(milliseconds: number): void;
}

/** @param onRing is not called any more once the signal is aborted */
export function createAlarm(onRing: () => void, signal: AbortSignal): Alarm {
  let next: { readonly at: number; readonly timer: NodeJS.Timeout } | undefined;
  const ring = (): void => {
    next = undefined;
    onRing();
  };
  signal.addEventListener("abort", () => clearTimeout(next?.timer), { once: true });
  return {
    in(milliseconds) {
      const at = performance.now() + milliseconds;
      if (signal.aborted || (next !== undefined && next.at <= at)) return;
      clearTimeout(next?.timer);
      next = { at, timer: setTimeout(ring, milliseconds).unref() };
    },
  };
}
