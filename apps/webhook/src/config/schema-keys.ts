/** What a schema knows of keys and values, by the JSON Schema that it gives of itself. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { isJsonObject } from "@pod-secrets/core";

import type { Path } from "./problems.ts";

/** A JSON Schema, as far as it is read here. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The JSON Schema of what goes into a schema; undefined when the library does not give one. */
export function jsonSchemaOf(schema: StandardSchemaV1): JsonSchema | undefined {
  const standard: unknown = schema["~standard"];
  if (!isJsonObject(standard) || !isJsonObject(standard["jsonSchema"])) return undefined;
  const { input } = standard["jsonSchema"];
  if (typeof input !== "function") return undefined;
  try {
    const result: unknown = input({ target: "draft-2020-12" });
    return isJsonObject(result) ? result : undefined;
  } catch {
    // A schema that cannot be written as JSON Schema, such as one with a transformation.
    return undefined;
  }
}

/** The keys that the object at `path` may have; empty when that is not known. */
export function keysAt(schema: StandardSchemaV1, path: Path): readonly string[] {
  const { properties } = mappingOf(schemaAt(schema, path));
  return isJsonObject(properties) ? Object.keys(properties) : [];
}

/** What is said of the value at `path`; empty when nothing is. */
export function schemaAt(schema: StandardSchemaV1, path: Path): JsonSchema {
  let current: unknown = jsonSchemaOf(schema);
  for (const step of path) current = child(current, step);
  return isJsonObject(current) ? current : {};
}

function child(schema: unknown, step: string | number): unknown {
  if (!isJsonObject(schema)) return undefined;
  if (typeof step === "number") return schema["items"];
  const { properties, additionalProperties } = mappingOf(schema);
  if (isJsonObject(properties) && Object.hasOwn(properties, step)) return properties[step];
  return additionalProperties;
}

/** The part of a schema that is about mappings, where other types are allowed as well. */
export function mappingOf(schema: JsonSchema): JsonSchema {
  const alternatives: readonly unknown[] = Array.isArray(schema["anyOf"]) ? schema["anyOf"] : [];
  const mappings = alternatives.filter(isJsonObject).filter((alternative) => isJsonObject(alternative["properties"]));
  return mappings.length === 1 && mappings[0] !== undefined ? mappings[0] : schema;
}
