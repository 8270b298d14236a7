/** JSON with every digit of its numbers: as a double, a long one would not be what the store has. */

/** A key that no text can have. */
const NUMBER = Symbol("number");

/** ECMAScript's "JSON.parse source text access"; Node has it, TypeScript's library does not yet. */
interface ReviverContext {
  readonly source?: string;
}

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

/** The text of a number; undefined for any other value. */
export function numberText(value: unknown): string | undefined {
  return typeof value === "object" && value !== null && NUMBER in value ? String(value[NUMBER]) : undefined;
}
