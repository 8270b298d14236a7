/** Notices that a config has changed. */
import { statSync } from "node:fs";
import { dirname } from "node:path";

import type { Logger } from "@pod-secrets/core";

import { faultName } from "../faults.ts";
import { watchFiles } from "../files/watch-files.ts";
import { readConfigTexts } from "./config-files.ts";

export interface ConfigWatch {
  /** A file, a directory or a glob pattern, as for `loadConfig`. */
  readonly file: string;
  /** Of the config that is in use: only a difference from it counts. */
  readonly revision: string;
  /** Called after a change, never twice at the same time. */
  readonly onChange: () => Promise<void>;
  readonly log: Logger;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** Milliseconds between two looks. Default: that of `watchFiles`. */
  readonly interval?: number;
}

/** Watches until the signal is aborted. Keeps no process alive. */
export function watchConfig({ file, revision, onChange, log, signal, interval }: ConfigWatch): void {
  let seen = revision;
  const look = async (): Promise<void> => {
    try {
      const texts = await readConfigTexts(file);
      if (signal.aborted || texts.revision === seen) return;
      seen = texts.revision;
      await onChange();
    } catch (error) {
      log.error("reloading the config failed", { error: faultName(error) });
    }
  };
  watchFiles({ directory: directoryOf(file), look, signal, ...(interval === undefined ? {} : { interval }) });
}

function directoryOf(file: string): string {
  try {
    return statSync(file).isDirectory() ? file : dirname(file);
  } catch {
    // A pattern: the events of the folder before its first wildcard.
    return dirname(file.replace(/[*?[\]{}].*$/s, "x"));
  }
}
