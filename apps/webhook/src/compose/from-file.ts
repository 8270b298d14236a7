/** Config file -> composition, with everything that is wrong in one list. */
import type { Logger } from "@pod-secrets/core";

import { loadConfig, type ConfigOverrides } from "../config/load.ts";
import { inFileOrder, type Problem } from "../config/problems.ts";
import type { Config } from "../config/schema.ts";
import { compose, type Composition } from "./container.ts";
import { readyManagers } from "./managers.ts";

export type ComposedFile =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly composition: Composition;
      readonly warnings: readonly Problem[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] };

/** Loads, checks and composes. What is wrong in the file and in the options of managers comes in one list. Never throws. */
export async function composeFile(
  file: string | undefined,
  log: Logger,
  overrides: ConfigOverrides = {},
): Promise<ComposedFile> {
  const loaded = await loadConfig(file, overrides);
  const { warnings } = loaded;
  if (!loaded.ok) {
    const managers = loaded.managers === undefined ? [] : (await readyManagers(loaded.managers)).problems;
    return { ok: false, problems: inFileOrder([...loaded.problems, ...managers]), warnings };
  }
  const composed = await compose(loaded.config, log);
  if (!composed.ok) return { ok: false, problems: inFileOrder(composed.problems), warnings };
  return { ok: true, config: loaded.config, composition: composed.composition, warnings };
}
