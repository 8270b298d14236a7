/**
 * A start that has to wait for somebody, such as an API server that cannot be reached. Probes are answered meanwhile:
 * the process lives, and is not ready; without an answer it would be restarted, less and less often.
 */
import { setTimeout as sleep } from "node:timers/promises";

import type { OperationsConfig } from "../config/schema/operations.ts";
import type { Logger } from "@pod-secrets/core";
import { drainable } from "./drain.ts";
import { listen } from "./listen.ts";
import { createOperationsServer } from "./operations-server.ts";
import type { ProcessSignals } from "./stop-signals.ts";

export interface WaitingOptions {
  readonly operations: OperationsConfig;
  readonly signals: ProcessSignals;
  readonly log: Logger;
  /** What readiness calls it, and why it is not there yet. */
  readonly waitsFor: { readonly name: string; readonly problem: string };
}

/** Milliseconds that a start may take before it counts as waiting. */
const PATIENCE = 1000;

/**
 * Waits for what is being opened.
 * @returns nothing when a signal said to stop before
 */
export async function whileOpening<Opened>(
  opening: Promise<Opened>,
  options: WaitingOptions,
): Promise<Opened | undefined> {
  const done = new AbortController();
  const probes = answerProbes(options, done.signal);
  try {
    return await Promise.race([opening, options.signals.stop.then(() => undefined)]);
  } finally {
    done.abort();
    await probes;
  }
}

/** Until the signal is aborted. A port that cannot be opened is told of when it is really needed. */
async function answerProbes({ operations, waitsFor, log }: WaitingOptions, done: AbortSignal): Promise<void> {
  if (!(await lasts(PATIENCE, done)) || done.aborted) return;
  const { name, problem } = waitsFor;
  const server = createOperationsServer({
    checks: [{ name, problem: () => problem }],
    metrics: async () => ({ contentType: "text/plain; charset=utf-8", text: "" }),
    onShed: () => {},
  });
  const drain = drainable(server);
  await listen(server, operations.host, operations.port);
  // It may have been aborted while the port was being opened, and says so once only.
  if (!done.aborted) {
    log.info("waiting", { for: name });
    await new Promise((resolve) => done.addEventListener("abort", resolve, { once: true }));
  }
  await drain({ accept: 0, finish: 0, hurry: AbortSignal.abort() });
}

async function lasts(milliseconds: number, done: AbortSignal): Promise<boolean> {
  try {
    await sleep(milliseconds, undefined, { signal: done });
    return true;
  } catch {
    return false;
  }
}
