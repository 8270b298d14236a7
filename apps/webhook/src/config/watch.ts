/**
 * Notices that a config has changed. Kubernetes swaps a symbolic link beside the file, which a watch on the
 * file sees once and never again; so the directory is watched, and read every few seconds as well.
 */
import { statSync, watch } from "node:fs";
import { dirname } from "node:path";

import type { Logger } from "@pod-secrets/core";

import { faultName } from "../faults.ts";
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
  /** Milliseconds between two looks. Default: 10 s, as controller-runtime does for certificates. */
  readonly interval?: number;
}

const INTERVAL = 10_000;
/** A swap makes several events, in milliseconds. */
const SETTLING = 100;

/** Watches until the signal is aborted. Keeps no process alive. */
export function watchConfig(options: ConfigWatch): void {
  const { file, log, signal, interval = INTERVAL } = options;
  if (signal.aborted) return;
  const look = createLook(options);
  let settling: NodeJS.Timeout | undefined;
  const soon = (): void => {
    clearTimeout(settling);
    settling = setTimeout(look, SETTLING).unref();
  };
  const poll = setInterval(look, interval).unref();
  signal.addEventListener("abort", () => {
    clearInterval(poll);
    clearTimeout(settling);
  });
  const giveUp = (): void => log.debug("the config's directory cannot be watched; it is read every few seconds");
  try {
    watch(directoryOf(file), { signal, persistent: false }, soon).on("error", giveUp);
  } catch {
    giveUp();
  }
}

/** Looks whether the texts differ from the last time; one look at a time, and none is lost. */
function createLook({ file, revision, onChange, log, signal }: ConfigWatch): () => void {
  let seen = revision;
  let running: Promise<void> | undefined;
  let askedAgain = false;
  const look = async (): Promise<void> => {
    const texts = await readConfigTexts(file);
    if (signal.aborted || texts.revision === seen) return;
    seen = texts.revision;
    await onChange();
  };
  const run = async (): Promise<void> => {
    try {
      await look();
    } catch (error) {
      log.error("reloading the config failed", { error: faultName(error) });
    }
    running = undefined;
    if (askedAgain && !signal.aborted) start();
  };
  const start = (): void => {
    askedAgain = running !== undefined;
    running ??= run();
  };
  return start;
}

function directoryOf(file: string): string {
  try {
    return statSync(file).isDirectory() ? file : dirname(file);
  } catch {
    // A pattern: the events of the folder before its first wildcard.
    return dirname(file.replace(/[*?[\]{}].*$/s, "x"));
  }
}
