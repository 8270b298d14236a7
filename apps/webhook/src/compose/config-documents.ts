/** The schema and the reference of the config file, with the options of the built-in managers. */
import type { InjectorPlugin } from "@pod-secrets/core";

import { configJsonSchema } from "../config/json-schema.ts";
import { keysReference, managersReference, withGenerated, type ManagerEntry } from "../config/reference.ts";
import { configSchema } from "../config/schema.ts";
import { jsonSchemaOf, type JsonSchema } from "../config/schema-keys.ts";
import { BUILT_IN_INJECTORS, GLOBAL_SECRETS } from "./built-in-injectors.ts";

/** Text of schemas/config.schema.json. */
export function configSchemaText(): string {
  const [globalSecrets, managers] = builtIn();
  return `${JSON.stringify(configJsonSchema(globalSecrets.options, managers), undefined, 2)}\n`;
}

/** docs/configuration.md with its generated parts as they should be. */
export function withConfigReference(text: string): string {
  const [globalSecrets, managers] = builtIn();
  return withGenerated(
    text,
    new Map([
      ["keys", keysReference(schemaOf(jsonSchemaOf(configSchema)))],
      ["managers", managersReference([globalSecrets, ...managers])],
    ]),
  );
}

function builtIn(): readonly [ManagerEntry, readonly ManagerEntry[]] {
  const entries = BUILT_IN_INJECTORS.map(entryOf);
  const globalSecrets = entries.find(({ name }) => name === GLOBAL_SECRETS);
  if (globalSecrets === undefined) throw new Error("global secrets are not built in");
  return [globalSecrets, entries.filter((entry) => entry !== globalSecrets)];
}

function entryOf({ name, meta, options }: InjectorPlugin): ManagerEntry {
  const place = name === GLOBAL_SECRETS ? "global" : "options";
  return { name, meta, summary: meta.summary, options: schemaOf(jsonSchemaOf(options)), place };
}

function schemaOf(schema: JsonSchema | undefined): JsonSchema {
  if (schema === undefined) throw new Error("a built-in schema cannot be written as JSON Schema");
  return schema;
}
