/** The schema and the reference of the config file, with the options of the built-in managers. */
import type { InjectorPlugin } from "@pod-secrets/core";

import { configJsonSchema } from "../config/json-schema.ts";
import { keysReference, managersReference, withGenerated, type ManagerEntry } from "./config-reference.ts";
import { configSchema } from "../config/schema.ts";
import { jsonSchemaOf, type JsonSchema } from "../config/schema-keys.ts";
import { GLOBAL_INJECTOR } from "../compose/built-in-injectors.ts";
import { BUILT_IN_MANAGERS } from "../compose/every-built-in.ts";

/** Text of schemas/config.schema.json. */
export function configSchemaText(): string {
  const { options } = entryOf(GLOBAL_INJECTOR, "global");
  return `${JSON.stringify(configJsonSchema(options, managerEntries()), undefined, 2)}\n`;
}

/** docs/configuration.md with its generated parts as they should be. */
export function withConfigReference(text: string): string {
  return withGenerated(
    text,
    new Map([
      ["keys", keysReference(schemaOf(jsonSchemaOf(configSchema)))],
      ["managers", managersReference([entryOf(GLOBAL_INJECTOR, "global"), ...managerEntries()])],
    ]),
  );
}

function managerEntries(): readonly ManagerEntry[] {
  return BUILT_IN_MANAGERS.map((plugin) => entryOf(plugin, "options"));
}

function entryOf({ name, meta, options }: InjectorPlugin, place: ManagerEntry["place"]): ManagerEntry {
  return { name, meta, summary: meta.summary, options: schemaOf(jsonSchemaOf(options)), place };
}

function schemaOf(schema: JsonSchema | undefined): JsonSchema {
  if (schema === undefined) throw new Error("a built-in schema cannot be written as JSON Schema");
  return schema;
}
