/** JSON with every digit of its numbers: as a double, a long one would not be what the store has. */

/** A key that no text can have. */
const NUMBER = Symbol("number");

/** ECMAScript's "JSON.parse source text access"; Node has it, TypeScript's library does not yet. */
interface ReviverContext {
  readonly source?: string;
}

/** An object of such JSON. */
export type ExactObject = Readonly<Record<string, unknown>>;

/**
 * Any JSON, with its numbers as what {@link numberText} reads.
 * @returns undefined for what is no JSON in UTF-8
 */
export function parseExactJson(body: Uint8Array): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    return JSON.parse(text, (_key, value: unknown, context?: ReviverContext) =>
      typeof value === "number" ? { [NUMBER]: context?.source ?? String(value) } : value,
    );
  } catch {
    return undefined;
  }
}

/** Whether it was an object in the JSON. */
export function isExactObject(value: unknown): value is ExactObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && numberText(value) === undefined;
}

/** The text of a number; undefined for any other value. */
export function numberText(value: unknown): string | undefined {
  return typeof value === "object" && value !== null && NUMBER in value ? String(value[NUMBER]) : undefined;
}

/**
 * The bytes that a value is written as: a text as it is; a number, true or false as its JSON text, with every digit.
 * @returns undefined for null, a list, an object, and half a surrogate pair, which has no bytes in UTF-8
 */
export function valueBytes(value: unknown): Uint8Array | undefined {
  const text = typeof value === "boolean" || typeof value === "string" ? String(value) : numberText(value);
  return text?.isWellFormed() === true ? new TextEncoder().encode(text) : undefined;
}
