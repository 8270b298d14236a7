/** What to write instead of a wrong value, drawn from what its schema says of it. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { oneLine } from "@pod-secrets/core";

import type { Path } from "./problems.ts";
import { schemaAt, type JsonSchema } from "./schema-keys.ts";

/** A value that is too small or too big: what is counted, and how far it may go. */
export interface BoundsFinding {
  readonly path: Path;
  readonly code: string;
  readonly origin: string;
  readonly limit: number;
}

/** Both bounds where the schema tells them, else the one that was crossed. */
export function boundsFix({ path, code, origin, limit }: BoundsFinding, schema: StandardSchemaV1): string {
  const known = schemaAt(schema, path);
  const [least, most] = boundsOf(origin, known);
  const isBoth = typeof least === "number" && typeof most === "number";
  const crossed = `at ${code === "too_small" ? "least" : "most"} ${limit}`;
  if (origin === "string" || origin === "array") {
    const range = isBoth ? `${least} to ${most}` : crossed;
    return `Write ${range} ${counted(origin === "string" ? "character" : "entry", isBoth ? most : limit)}.`;
  }
  return `Write a number ${isBoth ? `from ${least} to ${most}` : `of ${crossed}`}.`;
}

function boundsOf(origin: string, schema: JsonSchema): readonly [unknown, unknown] {
  if (origin === "string") return [schema["minLength"], schema["maxLength"]];
  if (origin === "array") return [schema["minItems"], schema["maxItems"]];
  return [schema["minimum"], schema["maximum"]];
}

/** A form that is wrong: an example of a right one, or else what the value is for. */
export function valueFix(path: Path, schema: StandardSchemaV1): string {
  const { examples, default: standard } = schemaAt(schema, path);
  const example = [...(Array.isArray(examples) ? examples : []), standard].find(isScalar);
  if (example !== undefined) return `Write for instance \`${oneLine(String(example), 255)}\`.`;
  const description = descriptionNear(path, schema);
  if (description === undefined) return "See the manager's documents for what it takes.";
  return `Write what belongs here: ${oneLine(description, 500)}`;
}

/** Of the value, or of the list or mapping that holds it. */
function descriptionNear(path: Path, schema: StandardSchemaV1): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const { description } = schemaAt(schema, path.slice(0, length));
    if (typeof description === "string" && description !== "") return firstSentence(description);
  }
  return undefined;
}

function firstSentence(text: string): string {
  return `${text.split(". ", 1)[0]?.replace(/\.$/, "")}.`;
}

function isScalar(value: unknown): value is string | number | boolean {
  return (typeof value === "string" && value !== "") || typeof value === "number" || typeof value === "boolean";
}

/** `character` of one, `characters` of more. */
export function counted(noun: "character" | "entry", count: number): string {
  if (count === 1) return noun;
  return noun === "entry" ? "entries" : "characters";
}
