/** Config changes while the webhook serves: the new one takes over when it is good, else the last good one stays. */
import { isDeepStrictEqual } from "node:util";

import type { Logger } from "@pod-secrets/core";

import type { ConfigOverrides } from "../config/load.ts";
import { formatProblem } from "../config/problems.ts";
import type { Config } from "../config/schema.ts";
import { faultName } from "../faults.ts";
import { composeFile, type ComposedFile } from "./from-file.ts";
import type { LiveComposition } from "./live-composition.ts";
import type { Lent } from "./running-injectors.ts";

export interface Reload {
  readonly file: string;
  readonly overrides: ConfigOverrides;
  /** The config that the process started with. */
  readonly started: Config;
  readonly live: LiveComposition;
  readonly log: Logger;
  /** For its injectors. */
  readonly lent?: Lent;
  /** Told after each try, for metrics and readiness. */
  readonly onReload?: (result: ComposedFile) => void;
}

/**
 * A function that reads the config anew and puts it in the place of the current one.
 * Calls at the same time run one after the other, so that the last text wins. Never throws.
 */
export function createReload(options: Reload): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.then(() => reloadSafely(options));
    return last;
  };
}

/** A fault of one reload must not keep later ones from running. */
async function reloadSafely(options: Reload): Promise<void> {
  try {
    await reloadOnce(options);
  } catch (error) {
    options.log.error("reloading the config failed", { error: faultName(error) });
  }
}

async function reloadOnce({ file, overrides, started, live, log, lent, onReload }: Reload): Promise<void> {
  const result = await composeFile(file, log, overrides, lent);
  for (const warning of result.warnings) log.warn(formatProblem(warning), { code: warning.code });
  if (result.ok) {
    live.replace(result.composition);
    const { revision, profile } = result.config;
    const managers = result.composition.injectors.map(({ name }) => name).join(", ");
    log.info("config reloaded", { revision, profile, managers });
    warnOfRestart(started, result.config, log);
  } else {
    for (const problem of result.problems) log.error(formatProblem(problem), { code: problem.code });
    log.error("the new config is not used, the last good one stays", { problems: result.problems.length });
  }
  onReload?.(result);
}

/** Sockets, logs and exporters are opened once. */
const AT_START = ["server", "operations", "log", "telemetry", "kubernetes", "registration"] as const;

function warnOfRestart(started: Config, now: Config, log: Logger): void {
  const changed = AT_START.filter((section) => !isDeepStrictEqual(started[section], now[section]));
  if (changed.length > 0)
    log.warn("a restart is needed for these sections of the config", { sections: changed.join(", ") });
}
