/**
 * What JSON would become in memory, told from its bytes. `JSON.parse` takes over a second for 7 MB of `[`, and
 * what it makes of them overflows the stack of whoever walks it; of 7 MB of `{},` it makes a hundred.
 */

export interface JsonLimits {
  /** Deepest nesting of lists and objects. */
  readonly depth: number;
  /** Most values: lists, objects, texts, numbers, booleans and nulls, at every level. */
  readonly values: number;
}

/**
 * A pod in a review needs a depth of 15 at most; controllers nest a little more in `managedFields`. Of the
 * shortest env vars alone, the 3 MiB that the API server takes for an object hold 380,000 values.
 */
export const REVIEW_LIMITS: JsonLimits = { depth: 64, values: 500_000 };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
/** One bit makes `[` into `{` and `]` into `}`. */
const BRACKET_TO_BRACE = 0x20;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * Which limit JSON goes beyond, if any. The bytes need not be valid JSON. An empty list or object counts as two
 * values: a comma ends one value, and a bracket starts one.
 * One loop without calls, at a few nanoseconds per byte: it runs over every review.
 */
export function exceededLimit(bytes: Uint8Array, limits: JsonLimits): keyof JsonLimits | undefined {
  const { depth: maxDepth, values: maxValues } = limits;
  const end = bytes.length;
  let depth = 0;
  let values = 1;
  let at = 0;
  while (at < end) {
    const byte = bytes[at++] ?? 0;
    if (byte === QUOTE) {
      // Brackets and commas in a text are text.
      while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
      at++;
    } else if (byte === COMMA) {
      if (++values > maxValues) return "values";
    } else if ((byte | BRACKET_TO_BRACE) === OPEN) {
      if (++depth > maxDepth) return "depth";
      if (++values > maxValues) return "values";
    } else if ((byte | BRACKET_TO_BRACE) === CLOSE) depth--;
  }
  return undefined;
}
