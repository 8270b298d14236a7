/** A JSON Schema as a flat list of keys, for people: in `pod-secrets injectors` and docs/configuration.md. */
import { isJsonObject } from "@pod-secrets/core";

import { mappingOf, type JsonSchema } from "./schema-keys.ts";

export interface OptionRow {
  /** Dotted, `[]` for each entry of a list: `resources.limits`. */
  readonly path: string;
  /** In words: `text`, `whole number, 0 to 65535`, `start or hold`. */
  readonly type: string;
  /** As YAML on one line; absent when there is none. */
  readonly default?: string;
  readonly isRequired: boolean;
  readonly description: string;
}

/** The keys of an object schema, each followed by those below it. */
export function optionRows(schema: JsonSchema, prefix: string = ""): readonly OptionRow[] {
  const mapping = mappingOf(schema);
  const properties = isJsonObject(mapping["properties"]) ? mapping["properties"] : {};
  const required: readonly unknown[] = Array.isArray(mapping["required"]) ? mapping["required"] : [];
  return Object.entries(properties).flatMap(([key, property]) => {
    if (!isJsonObject(property)) return [];
    const path = `${prefix}${key}`;
    const row: OptionRow = {
      path,
      type: typeText(property),
      isRequired: required.includes(key),
      description: textOf(property["description"]),
      ...defaultOf(property),
    };
    return [row, ...optionRows(property, `${path}.`), ...entryRows(property, path)];
  });
}

function entryRows(property: JsonSchema, path: string): readonly OptionRow[] {
  return isJsonObject(property["items"]) ? optionRows(property["items"], `${path}[].`) : [];
}

/** An object whose keys have defaults of their own needs none. */
function defaultOf(property: JsonSchema): { readonly default?: string } {
  const value = property["default"];
  if (value === undefined || (isJsonObject(value) && Object.keys(value).length === 0)) return {};
  return { default: flowYaml(value) };
}

function flowYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowYaml).join(", ")}]`;
  if (isJsonObject(value)) {
    const entries = Object.entries(value).map(([key, entry]) => `${key}: ${flowYaml(entry)}`);
    return `{ ${entries.join(", ")} }`;
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

function typeText(schema: JsonSchema): string {
  if (Array.isArray(schema["enum"])) return schema["enum"].map(String).join(" or ");
  if (schema["const"] !== undefined) return JSON.stringify(schema["const"]);
  if (Array.isArray(schema["anyOf"])) return schema["anyOf"].filter(isJsonObject).map(typeText).join(", or ");
  switch (schema["type"]) {
    case "string":
      return "text";
    case "integer":
      return `whole number${rangeText(schema)}`;
    case "number":
      return `number${rangeText(schema)}`;
    case "boolean":
      return "true or false";
    case "array":
      return `list of ${isJsonObject(schema["items"]) ? typeText(schema["items"]) : "anything"}`;
    case "object":
      return "mapping";
    default:
      return "anything";
  }
}

function rangeText({ minimum, maximum }: JsonSchema): string {
  const from = typeof minimum === "number" ? minimum : undefined;
  const to = typeof maximum === "number" && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (from !== undefined && to !== undefined) return `, ${from} to ${to}`;
  if (from !== undefined) return `, at least ${from}`;
  return to === undefined ? "" : `, at most ${to}`;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
