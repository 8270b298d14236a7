/** JSON with every digit of its numbers: as a double, a long one would not be what the store has. */
import type { JsonObject } from "../json-object.ts";
import { sourceAt, type JsonPath } from "./json-source.ts";

/** JSON as it was parsed, and as it is written. */
export interface ExactJson {
  readonly value: unknown;
  readonly text: string;
}

/** @returns undefined for what is no JSON in UTF-8 */
export function parseExactJson(body: Uint8Array): ExactJson | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    return { value: JSON.parse(text), text };
  } catch {
    return undefined;
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The bytes that a value is written as: a text as it is; a number, true or false as its JSON text, with every digit.
 * @param value what stands at the path
 * @returns undefined for null, a list, an object, and half a surrogate pair, which has no bytes in UTF-8
 */
export function valueBytes(value: unknown, text: string, path: JsonPath): Uint8Array | undefined {
  if (typeof value === "string") return textBytes(value);
  if (typeof value !== "number" && typeof value !== "boolean") return undefined;
  const source = sourceAt(text, path);
  return source === undefined ? undefined : textBytes(source);
}

/** @returns undefined for half a surrogate pair, which has no bytes in UTF-8 */
export function textBytes(text: string): Uint8Array | undefined {
  return text.isWellFormed() ? new TextEncoder().encode(text) : undefined;
}
