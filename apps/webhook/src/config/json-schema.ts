/** JSON Schema of a whole config file, with the options of the built-in managers, for editors. */
import { isJsonObject } from "@pod-secrets/core";

import { configSchema } from "./schema.ts";
import { jsonSchemaOf, type JsonSchema } from "./schema-keys.ts";

/** What the schema says of a manager. */
export interface DescribedManager {
  /** Under `use:`. */
  readonly name: string;
  readonly summary: string;
  /** Schema of its options. */
  readonly options: JsonSchema;
}

/**
 * @param globalSecrets schema of what stands under `global:`
 * @param managers the built-in ones
 */
export function configJsonSchema(globalSecrets: JsonSchema, managers: readonly DescribedManager[]): JsonSchema {
  const schema = jsonSchemaOf(configSchema) ?? {};
  const properties = recordAt(schema, "properties");
  return {
    $schema: schema["$schema"],
    title: "Config of pod-secrets",
    type: "object",
    additionalProperties: false,
    properties: {
      ...properties,
      global: {
        ...without(recordAt(properties, "global"), "anyOf"),
        anyOf: [{ const: false }, without(globalSecrets, "$schema")],
      },
      managers: {
        ...recordAt(properties, "managers"),
        items: managerSchema(recordAt(recordAt(properties, "managers"), "items"), managers),
      },
    },
  };
}

/** An editor offers the built-in names, and checks their options; those of other packages it lets pass. */
function managerSchema(entry: JsonSchema, managers: readonly DescribedManager[]): JsonSchema {
  const properties = recordAt(entry, "properties");
  const use = recordAt(properties, "use");
  const names = managers.map(({ name, summary }) => ({ const: name, description: summary }));
  return {
    ...entry,
    properties: {
      ...properties,
      use: { description: use["description"], anyOf: [...names, without(use, "description")] },
    },
    allOf: managers.map(({ name, options }) => ({
      if: { properties: { use: { const: name } }, required: ["use"] },
      // oxlint-disable-next-line unicorn/no-thenable -- the word of JSON Schema
      then: { properties: { options: without(options, "$schema") } },
    })),
  };
}

function recordAt(schema: JsonSchema, key: string): JsonSchema {
  const value = schema[key];
  return isJsonObject(value) ? value : {};
}

function without(schema: JsonSchema, key: string): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key));
}
