/** What became of a config text, in a form that reads well in a test. */
import { checkFile } from "../../src/compose/from-file.ts";
import type { ConfigOverrides } from "../../src/config/load.ts";
import { loadConfig, type LoadedConfig } from "../../src/config/load.ts";
import type { Problem } from "../../src/config/problems.ts";
import type { Config } from "../../src/config/schema.ts";
import { createConfigFolder } from "./config-folder.ts";

/** Loads a text as a file. */
export function loadText(text: string | Uint8Array, overrides: ConfigOverrides = {}): Promise<LoadedConfig> {
  return loadConfig(createConfigFolder().write("config.yaml", text), overrides);
}

/** The config of a text that must be good. */
export async function goodConfig(text: string, overrides: ConfigOverrides = {}): Promise<Config> {
  const loaded = await loadText(text, overrides);
  if (!loaded.ok) throw new Error(loaded.problems.map(shortly).join("\n"));
  return loaded.config;
}

/** The options of a manager. */
export function optionsOf({ managers }: Config, name: string): unknown {
  return managers.find(({ use }) => use === name)?.options;
}

/** All findings of a text, also those in the options of managers: `line:column CODE message. Fix: fix`. */
export async function findings(text: string | Uint8Array): Promise<readonly string[]> {
  const checked = await checkFile(createConfigFolder().write("config.yaml", text));
  return checked.ok ? [] : checked.problems.map(shortly);
}

/** The warnings of a text that must be good. */
export async function warnings(text: string): Promise<readonly string[]> {
  const checked = await checkFile(createConfigFolder().write("config.yaml", text));
  if (!checked.ok) throw new Error(checked.problems.map(shortly).join("\n"));
  return checked.warnings.map(shortly);
}

function shortly({ line, column, code, message, fix }: Problem): string {
  return `${line}:${column} ${code} ${message}. Fix: ${fix}`;
}
