import type { InjectorHost, InjectorPlugin, SecretInjector } from "@pod-secrets/core";

import { testHost } from "./contexts.ts";

/**
 * Makes an injector as the webhook does: checks the options with the plugin's schema, then calls `create`.
 * @param options as they would stand in the config file
 * @throws Error when the plugin does not take the options, with what it says about them
 */
export async function openInjector(
  plugin: InjectorPlugin,
  options: unknown = {},
  host: InjectorHost = testHost(),
): Promise<SecretInjector> {
  const checked = await plugin.options["~standard"].validate(options);
  if (checked.issues !== undefined) {
    const issues = checked.issues.map(({ message, path }) => `${describePath(path)}${message}`);
    throw new Error(`injector ${plugin.name} does not take these options: ${issues.join("; ")}`);
  }
  return plugin.create(checked.value, host);
}

type IssuePath = readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;

function describePath(path: IssuePath): string {
  if (path === undefined || path.length === 0) return "";
  return `${path.map((part) => String(typeof part === "object" ? part.key : part)).join(".")}: `;
}
