/** Whether what a module exports is an injector plugin. It is somebody else's code, so every field is looked at. */
import { isDnsLabel, quoted, isJsonObject, type InjectorPlugin, type SecretInjector } from "@pod-secrets/core";

import type { ConfigErrorCode } from "../errors.ts";

/** What is wrong, without saying where: the caller knows. */
export interface Fault {
  readonly code: ConfigErrorCode;
  readonly message: string;
  readonly fix?: string;
}

/** Version of the contract in core's injector.ts. */
const API_VERSION = 1;
const STABILITIES: ReadonlySet<unknown> = new Set(["stable", "beta", "experimental"]);
const MOUNTS: ReadonlySet<unknown> = new Set(["ENV_VAR", "FILE"]);
const CODE = /^[a-z0-9-]{1,63}\/[a-z0-9-]{1,100}$/;

/** The plugin that a module default-exports, or what is wrong with it. */
export function pluginOf(exported: unknown): InjectorPlugin | Fault {
  if (!isJsonObject(exported)) return shape("has no plugin as its default export");
  const { apiVersion, name, meta, options, errors, create } = exported;
  if (apiVersion !== API_VERSION) return wrongVersion(apiVersion);
  if (typeof name !== "string" || !isDnsLabel(name)) return shape("has no `name` that is a DNS label");
  if (!isMeta(meta)) return shape("has no complete `meta` (summary, group, key, mounts, stability)");
  if (!isStandardSchema(options)) return shape("has no `options` that are a Standard Schema");
  if (errors !== undefined && !isCatalogue(errors, name))
    return shape(`has an \`errors\` table with other codes than ${name}/...`);
  if (typeof create !== "function") return shape("has no `create` function");
  return exported as unknown as InjectorPlugin;
}

/** What is wrong with the injector that a plugin created; undefined when nothing is. */
export function injectorFault(injector: unknown, plugin: InjectorPlugin): Fault | undefined {
  if (typeof injector !== "object" || injector === null) return shape("created no injector");
  const { name, inject, dispose } = injector as Partial<SecretInjector>;
  if (name !== plugin.name) return shape(`created an injector of another name than ${quoted(plugin.name)}`);
  if (typeof inject !== "function") return shape("created an injector without `inject`");
  if (dispose !== undefined && typeof dispose !== "function")
    return shape("created an injector whose `dispose` is no function");
  return undefined;
}

export function isFault(value: InjectorPlugin | Fault): value is Fault {
  return Object.hasOwn(value, "code") && !Object.hasOwn(value, "apiVersion");
}

function wrongVersion(apiVersion: unknown): Fault {
  if (typeof apiVersion !== "number") return shape("has no `apiVersion`");
  return {
    code: "E_CONFIG_PLUGIN_VERSION",
    message: `has apiVersion ${apiVersion}, and this webhook knows ${API_VERSION}`,
  };
}

function shape(message: string): Fault {
  return { code: "E_CONFIG_PLUGIN_SHAPE", message };
}

function isMeta(meta: unknown): boolean {
  if (!isJsonObject(meta)) return false;
  const { summary, group, key, mounts, stability } = meta;
  const texts = [summary, group, key].every((text) => typeof text === "string" && text !== "");
  return texts && Array.isArray(mounts) && mounts.every((mount) => MOUNTS.has(mount)) && STABILITIES.has(stability);
}

/** A schema may be a function too (arktype). */
function isStandardSchema(options: unknown): boolean {
  if ((typeof options !== "object" && typeof options !== "function") || options === null) return false;
  const standard: unknown = "~standard" in options ? options["~standard"] : undefined;
  return isJsonObject(standard) && standard["version"] === 1 && typeof standard["validate"] === "function";
}

function isCatalogue(errors: unknown, name: string): boolean {
  if (!isJsonObject(errors)) return false;
  return Object.entries(errors).every(
    ([code, entry]) =>
      CODE.test(code) &&
      code.startsWith(`${name}/`) &&
      isJsonObject(entry) &&
      [entry["summary"], entry["why"], entry["fix"]].every((text) => typeof text === "string"),
  );
}
