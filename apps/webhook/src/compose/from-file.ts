/** Config file -> composition, with everything that is wrong in one list. */
import type { Logger } from "@pod-secrets/core";

import { loadConfig, type ConfigOverrides } from "../config/load.ts";
import { inFileOrder, type Problem } from "../config/problems.ts";
import type { Config } from "../config/schema.ts";
import { compose, type Composition } from "./composition.ts";
import { readyManagers, type ReadyManager } from "./managers.ts";
import { privateFileProblems } from "./private-files.ts";
import type { Lent } from "./running-injectors.ts";

export type ComposedFile =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly composition: Composition;
      readonly warnings: readonly Problem[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] };

export type CheckedFile =
  | {
      readonly ok: true;
      readonly config: Config;
      /** In the order in which they are asked: global secrets first. */
      readonly managers: readonly ReadyManager[];
      readonly warnings: readonly Problem[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] };

/**
 * Loads and checks, and starts no manager: it reads nothing but the config and plugins, so it says the same on
 * every machine. What is wrong in the file and in the options of managers comes in one list. Never throws.
 */
export async function checkFile(file: string | undefined, overrides: ConfigOverrides = {}): Promise<CheckedFile> {
  const loaded = await loadConfig(file, overrides);
  const { warnings } = loaded;
  const configured = loaded.ok ? loaded.config : loaded.managers;
  const managers = configured === undefined ? { ready: [], problems: [] } : await readyManagers(configured);
  const leaks = loaded.ok ? privateFileProblems(loaded.config, managers.ready) : [];
  if (loaded.ok && managers.problems.length === 0 && leaks.length === 0)
    return { ok: true, config: loaded.config, managers: managers.ready, warnings };
  const problems = [...(loaded.ok ? [] : loaded.problems), ...managers.problems, ...leaks];
  return { ok: false, problems: inFileOrder(problems), warnings };
}

/** Loads, checks and composes. What is wrong in the file and in the options of managers comes in one list. Never throws. */
export async function composeFile(
  file: string | undefined,
  log: Logger,
  overrides: ConfigOverrides = {},
  lent: Lent = {},
): Promise<ComposedFile> {
  const checked = await checkFile(file, overrides);
  if (!checked.ok) return checked;
  const { config, warnings } = checked;
  const composed = await compose(config, checked.managers, log, lent);
  if (!composed.ok) return { ok: false, problems: inFileOrder(composed.problems), warnings };
  return { ok: true, config, composition: composed.composition, warnings };
}
