/**
 * Errors that nobody waited for, mostly of an injector from elsewhere. One pod's trouble must not end the
 * process that all pods of the cluster need: they are logged, and the admissions go on.
 */
import { describeFault } from "../faults.ts";
import type { Log } from "../telemetry/log.ts";

/** @returns leaves them to Node again, which ends the process */
export function logStrayErrors(log: Log): () => void {
  const onException = (error: unknown): void => log.error("an error was not caught", { ...describeFault(error) });
  const onRejection = (error: unknown): void => log.error("a rejection was not handled", { ...describeFault(error) });
  process.on("uncaughtException", onException);
  process.on("unhandledRejection", onRejection);
  return () => {
    process.off("uncaughtException", onException);
    process.off("unhandledRejection", onRejection);
  };
}
