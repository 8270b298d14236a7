/** The program as a process: signals, streams and its end. */
import { writeSync } from "node:fs";

import type { ProviderPlugin } from "../provider.ts";
import { runCommand } from "./run.ts";

/**
 * Runs the program in this process, and ends the process. What an image of one's own calls, with providers of its own
 * beside those that come along.
 */
export async function runProgram(plugins: readonly ProviderPlugin[], version: string): Promise<never> {
  const stop = new AbortController();
  const onStop = (): void => stop.abort();
  process.once("SIGTERM", onStop);
  process.once("SIGINT", onStop);
  const exit = await runCommand(plugins, {
    args: process.argv.slice(2),
    env: process.env,
    version,
    stop: stop.signal,
    strayError: strayError(),
    out: (text) => write(1, text),
    say: (line) => write(2, `${line}\n`),
  });
  // What a provider leaves running must not keep the pod from starting.
  process.exit(exit);
}

/** Node would print it, and it may hold a value. A rejection that nobody handles counts as well. */
function strayError(): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  process.on("uncaughtException", reject);
  // Before anybody waits for it, and after.
  promise.catch(() => {});
  return promise;
}

/** At once, since the process ends soon after; nobody may be there to read it. */
function write(stream: 1 | 2, text: string): void {
  try {
    writeSync(stream, text);
  } catch {
    // There is nowhere to say so.
  }
}
