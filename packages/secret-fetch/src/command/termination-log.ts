/** The container's termination message: what `kubectl describe pod` shows of why it failed. */
import { closeSync, constants, openSync, writeSync } from "node:fs";

/** `terminationMessagePath` of Kubernetes, unless the container names another. */
const DEFAULT_PATH = "/dev/termination-log";

/**
 * Writes the message in place of what was there. A container without the file has the message in its log only.
 * @param path as given on the command line: only then the file may be made
 */
export function writeTerminationMessage(message: string, path: string | undefined): void {
  const create = path === undefined ? 0 : constants.O_CREAT;
  try {
    const file = openSync(path ?? DEFAULT_PATH, constants.O_WRONLY | constants.O_TRUNC | create, 0o644);
    try {
      writeSync(file, message);
    } finally {
      closeSync(file);
    }
  } catch {
    // The line is on standard error as well, where the kubelet finds it with FallbackToLogsOnError.
  }
}
