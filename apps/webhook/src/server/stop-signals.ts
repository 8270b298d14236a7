/** How the outside says that the process shall stop, or read its files anew. */

/** Why the process stops. */
export interface Stop {
  /**
   * SIGTERM comes from a cluster, which goes on sending admissions for a while; SIGINT from somebody at a
   * terminal, who waits.
   */
  readonly signal: "SIGTERM" | "SIGINT";
}

export interface ProcessSignals {
  /** Resolves with the first signal to stop. */
  readonly stop: Promise<Stop>;
  /** Aborted by the second one. */
  readonly hurry: AbortSignal;
  /** Leaves the signals to Node again. */
  release(): void;
}

/** @param onHangup SIGHUP: read configuration and certificate anew */
export function listenToSignals(onHangup: () => void): ProcessSignals {
  const hurry = new AbortController();
  const { promise: stop, resolve } = Promise.withResolvers<Stop>();
  let isStopping = false;
  const onStop = (signal: NodeJS.Signals): void => {
    if (isStopping) hurry.abort();
    isStopping = true;
    resolve({ signal: signal === "SIGINT" ? "SIGINT" : "SIGTERM" });
  };
  process.on("SIGTERM", onStop);
  process.on("SIGINT", onStop);
  process.on("SIGHUP", onHangup);
  return {
    stop,
    hurry: hurry.signal,
    release: () => {
      process.off("SIGTERM", onStop);
      process.off("SIGINT", onStop);
      process.off("SIGHUP", onHangup);
    },
  };
}
