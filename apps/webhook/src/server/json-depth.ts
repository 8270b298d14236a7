/**
 * How deep JSON is nested, told from its bytes. `JSON.parse` takes over a second for 7 MB of `[`, and what it
 * makes of them overflows the stack of whoever walks it.
 */

/** Deepest nesting taken. A pod in a review needs 15 at most; controllers nest a little more in `managedFields`. */
export const MAX_JSON_DEPTH = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Whether lists and objects nest deeper than `limit`. The bytes need not be valid JSON. */
export function isDeeperThan(bytes: Uint8Array, limit: number): boolean {
  const end = bytes.length;
  let depth = 0;
  for (let at = 0; at < end; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++depth > limit) return true;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
  }
  return false;
}

/** Where the string that starts at `start` ends: brackets in a string nest nothing. */
function endOfString(bytes: Uint8Array, start: number): number {
  const end = bytes.length;
  let at = start + 1;
  while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
