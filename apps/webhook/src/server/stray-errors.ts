/**
 * Errors that nobody waited for, mostly of an injector from elsewhere. What they left undone nobody knows, so the
 * process logs them, finishes what it has, and ends; Kubernetes starts another one.
 */
import { describeFault } from "../faults.ts";
import type { Log } from "../telemetry/log.ts";

export interface StrayErrors {
  /** Resolves with the first one. */
  readonly first: Promise<void>;
  /** Leaves them to Node again, which ends the process at once. */
  readonly release: () => void;
}

export function watchStrayErrors(log: Log): StrayErrors {
  const { promise: first, resolve } = Promise.withResolvers<void>();
  const onException = (error: unknown): void => {
    log.error("an error was not caught: the process will end", { ...describeFault(error) });
    resolve();
  };
  const onRejection = (error: unknown): void => {
    log.error("a rejection was not handled: the process will end", { ...describeFault(error) });
    resolve();
  };
  process.on("uncaughtException", onException);
  process.on("unhandledRejection", onRejection);
  return {
    first,
    release: () => {
      process.off("uncaughtException", onException);
      process.off("unhandledRejection", onRejection);
    },
  };
}
