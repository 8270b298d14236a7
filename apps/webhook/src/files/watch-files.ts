/**
 * Notices that files have changed. Kubernetes swaps a symbolic link beside them, which a watch on a file sees
 * once and never again; so the directory is watched, and looked at every few seconds as well.
 */
import { watch } from "node:fs";

import { oneAtATime } from "../timing/one-at-a-time.ts";

export interface FileWatch {
  readonly directory: string;
  /** Reads the files and acts on what changed. Never runs twice at the same time. Must not reject. */
  readonly look: () => Promise<void>;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** Milliseconds between two looks. Default: 10 s, as controller-runtime v0.22 does for certificates. */
  readonly interval?: number;
}

const INTERVAL = 10_000;
/** A swap makes several events, in milliseconds. */
const SETTLING = 100;

/**
 * Watches until the signal is aborted. Keeps no process alive.
 * @returns looks at once
 */
export function watchFiles({ directory, look, signal, interval = INTERVAL }: FileWatch): () => void {
  const lookNow = oneAtATime(look, signal);
  if (signal.aborted) return lookNow;
  let settling: NodeJS.Timeout | undefined;
  const soon = (): void => {
    clearTimeout(settling);
    settling = setTimeout(lookNow, SETTLING).unref();
  };
  const poll = setInterval(lookNow, interval).unref();
  signal.addEventListener("abort", () => {
    clearInterval(poll);
    clearTimeout(settling);
  });
  watchDirectory(directory, soon, signal);
  return lookNow;
}

function watchDirectory(directory: string, onEvent: () => void, signal: AbortSignal): void {
  try {
    // The directory has gone, or the system's watches are used up: the interval goes on.
    watch(directory, { signal, persistent: false }, onEvent).on("error", () => {});
  } catch {
    // The same, at once.
  }
}
