/** `use:` of the config -> plugin: a built-in one, an installed package, or a file. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { quoted, oneLine, type InjectorPlugin } from "@pod-secrets/core";

import { nearestManagers } from "../config/nearest-name.ts";
import { faultName } from "../faults.ts";
import { GLOBAL_INJECTOR, MANAGER_NAMES, isManagerName, loadManager } from "./built-in-injectors.ts";
import { resolvePackage } from "./package-resolution.ts";
import { isFault, pluginOf, type Fault } from "./plugin-check.ts";

export type LoadedPlugin =
  | { readonly ok: true; readonly plugin: InjectorPlugin; readonly builtIn: boolean }
  | { readonly ok: false; readonly fault: Fault };

/** Loads a plugin. A module that was loaded before is not read again, even if its file has changed. */
export async function loadPlugin(use: string, baseDirectory: string): Promise<LoadedPlugin> {
  if (isManagerName(use)) return { ok: true, plugin: await loadManager(use), builtIn: true };
  const url = isPath(use) ? await fileUrl(use, baseDirectory) : resolvePackage(use, baseDirectory);
  if (url === undefined) return { ok: false, fault: notFound(use, baseDirectory) };
  return importPlugin(use, url);
}

async function importPlugin(use: string, url: string): Promise<LoadedPlugin> {
  try {
    const module = (await import(url)) as { readonly default?: unknown };
    const plugin = pluginOf(module.default);
    if (isFault(plugin)) return { ok: false, fault: { ...plugin, message: `${quoted(use)} ${plugin.message}` } };
    if (plugin.name === GLOBAL_INJECTOR.name || isManagerName(plugin.name))
      return { ok: false, fault: takenName(use, plugin) };
    return { ok: true, plugin, builtIn: false };
  } catch (error) {
    return { ok: false, fault: notLoaded(use, error) };
  }
}

const GLOBAL_IS_NO_MANAGER: Fault = {
  code: "E_CONFIG_UNKNOWN_MANAGER",
  message: `${quoted(GLOBAL_INJECTOR.name)} is no manager: global secrets are asked before all managers`,
  fix: `Configure them under the key \`${GLOBAL_INJECTOR.name}\`.`,
};

function isPath(use: string): boolean {
  return /^(\.{0,2}\/|[A-Za-z]:[\\/])/.test(use);
}

async function fileUrl(use: string, baseDirectory: string): Promise<string | undefined> {
  const file = resolve(baseDirectory, use);
  try {
    return (await stat(file)).isFile() ? pathToFileURL(file).href : undefined;
  } catch {
    return undefined;
  }
}

function notFound(use: string, baseDirectory: string): Fault {
  if (use === GLOBAL_INJECTOR.name) return GLOBAL_IS_NO_MANAGER;
  const from = quoted(resolve(baseDirectory), 255);
  if (isPath(use))
    return {
      code: "E_CONFIG_PLUGIN_LOAD",
      message: `no file ${quoted(use, 255)} from ${from}`,
      fix: "Correct the path; it must name a JavaScript file.",
    };
  if (use.startsWith("@"))
    return {
      code: "E_CONFIG_PLUGIN_LOAD",
      message: `package ${quoted(use, 255)} is not installed, or exports nothing for import, seen from ${from}`,
      fix: `Run \`npm install ${oneLine(use, 255)}\` there, or correct the name.`,
    };
  const near = nearestManagers(use, MANAGER_NAMES);
  const meant = near.length === 0 ? "" : `Did you mean ${oneOf(near)}? `;
  return {
    code: "E_CONFIG_UNKNOWN_MANAGER",
    message: `unknown manager ${quoted(use)}`,
    fix: `${meant}Built in: ${MANAGER_NAMES.join(", ")}. Else the name of a package installed beside the config file, or a path.`,
  };
}

/** `a, b or c` */
function oneOf(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} or ${last}`;
}

function notLoaded(use: string, error: unknown): Fault {
  return {
    code: "E_CONFIG_PLUGIN_LOAD",
    message: `loading ${quoted(use, 255)} failed with ${loadFailure(error)}`,
    fix: loadFix(error),
  };
}

function loadFix(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ERR_MODULE_NOT_FOUND") return "Install what it imports beside it, or correct the import.";
  return "Correct the module, or report it to the author of the plugin; `node FILE` shows where it fails.";
}

/** What Node says of a module is safe to show; the text of an error that the module throws may hold a value. */
function loadFailure(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  const isNodes = error instanceof SyntaxError || ("code" in error && /^ERR_[A-Z_]{1,60}$/.test(String(error.code)));
  return isNodes ? quoted(error.message.split("\n", 1)[0] ?? "", 300) : faultName(error);
}

function takenName(use: string, plugin: InjectorPlugin): Fault {
  return {
    code: "E_CONFIG_DUPLICATE_MANAGER",
    message: `${quoted(use, 255)} brings a manager of the name ${quoted(plugin.name)}, which is built in`,
    fix: `Write \`use: ${plugin.name}\` for the built-in one, or rename the plugin.`,
  };
}
