/** The managers of a config, loaded and with checked options, or all that is wrong with them. */
import { quoted, type InjectorPlugin } from "@pod-secrets/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";

import { CONFIG_ERRORS } from "../errors.ts";
import { inFileOrder, type Path, type Problem } from "../config/problems.ts";
import type { ConfiguredManagers, ManagerConfig } from "../config/schema.ts";
import { schemaProblems } from "../config/schema-problems.ts";
import { GLOBAL_INJECTOR } from "./built-in-injectors.ts";
import type { Fault } from "./plugin-check.ts";
import { loadPlugin, type LoadedPlugin } from "./plugins.ts";
import { NoAnswer, START_LIMIT, within } from "./time-limit.ts";

/** A plugin, ready to be created. */
export interface ReadyManager {
  readonly plugin: InjectorPlugin;
  /** Checked, with defaults. */
  readonly options: unknown;
  readonly builtIn: boolean;
  /** Where it stands in the config. */
  readonly path: Path;
}

export interface ReadyManagers {
  /** In the order in which they are asked: global secrets first. */
  readonly ready: readonly ReadyManager[];
  readonly problems: readonly Problem[];
}

/** A manager, or what is wrong with it: with its plugin, when that could be loaded. */
type Step =
  | ReadyManager
  | { readonly plugin?: InjectorPlugin; readonly path: Path; readonly problems: readonly Problem[] };

/** Loads each manager and checks its options. Never throws. */
export async function readyManagers(config: ConfiguredManagers): Promise<ReadyManagers> {
  const steps = [
    ...(await globalSecrets(config)),
    ...(await Promise.all(config.managers.map((entry) => readyManager(entry, config)))),
  ];
  const ready = steps.filter((step) => "options" in step);
  const problems = steps.flatMap((step) => ("problems" in step ? step.problems : []));
  return { ready, problems: inFileOrder([...problems, ...duplicates(steps, config)]) };
}

async function globalSecrets(config: ConfiguredManagers): Promise<readonly Step[]> {
  if (config.global === false) return [];
  return [await withOptions(GLOBAL_INJECTOR, true, config.global, { path: ["global"], options: ["global"] }, config)];
}

async function readyManager(entry: ManagerConfig, config: ConfiguredManagers): Promise<Step> {
  const loaded = await loadInTime(entry.use, config.baseDirectory);
  if (!loaded.ok) return { path: entry.path, problems: [useProblem(entry.path, loaded.fault, config)] };
  const places = { path: entry.path, options: [...entry.path, "options"] };
  return withOptions(loaded.plugin, loaded.builtIn, entry.options, places, config);
}

/** A module may wait for something at its top level. */
async function loadInTime(use: string, baseDirectory: string): Promise<LoadedPlugin> {
  try {
    return await within(START_LIMIT, () => loadPlugin(use, baseDirectory));
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    const message = `loading ${quoted(use, 255)} gave ${error.message}`;
    const fix = "Correct the module, or report it to the author of the plugin: it waits for something as it is loaded.";
    return { ok: false, fault: { code: "E_CONFIG_PLUGIN_LOAD", message, fix } };
  }
}

async function withOptions(
  plugin: InjectorPlugin,
  builtIn: boolean,
  options: unknown,
  places: { readonly path: Path; readonly options: Path },
  config: ConfiguredManagers,
): Promise<Step> {
  try {
    const result = await within(START_LIMIT, () => plugin.options["~standard"].validate(options));
    if (result.issues === undefined) return { plugin, options: result.value, builtIn, path: places.path };
    const problems = optionProblems(result.issues, plugin, options, places.options, config);
    return { plugin, path: places.path, problems };
  } catch (error) {
    // The text of an error of its own might hold an option's value.
    const what = error instanceof NoAnswer ? `gave ${error.message}` : "failed on these options";
    const message = `the schema of manager ${quoted(plugin.name)} ${what}`;
    const problems = [useProblem(places.path, { code: "E_CONFIG_OPTION", message }, config)];
    return { plugin, path: places.path, problems };
  }
}

function optionProblems(
  issues: readonly StandardSchemaV1.Issue[],
  plugin: InjectorPlugin,
  value: unknown,
  path: Path,
  config: ConfiguredManagers,
): readonly Problem[] {
  const { locate } = config;
  return schemaProblems(issues, { value, path, schema: plugin.options, noun: "option", locate });
}

/** Two entries of one name, whether by the same `use` or by two packages. */
function duplicates(steps: readonly Step[], config: ConfiguredManagers): readonly Problem[] {
  const first = new Map<string, Step>();
  return steps.flatMap((step) => {
    if (step.plugin === undefined) return [];
    const { name } = step.plugin;
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, step);
      return [];
    }
    const { line } = config.locate(earlier.path);
    const fault: Fault = {
      code: "E_CONFIG_DUPLICATE_MANAGER",
      message: `manager ${quoted(name)} is already in line ${line}`,
      fix: "Remove one of them.",
    };
    return [useProblem(step.path, fault, config)];
  });
}

/** A finding about an entry as a whole stands at its `use`. */
export function useProblem(entry: Path, fault: Fault, config: ConfiguredManagers): Problem {
  const path = entry[0] === "managers" ? [...entry, "use"] : entry;
  const { code, message } = fault;
  return { ...config.locate(path), code, message, fix: fault.fix ?? CONFIG_ERRORS[code].fix };
}
