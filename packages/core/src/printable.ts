/** User text in messages: one line, nothing that could forge or hide text, and no longer than it should be. */

// C0 and C1 controls, soft hyphen, zero-width and bidi marks, line separators, the byte order mark, lone surrogates.
const UNPRINTABLE =
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]/gu;

// Most text is plain, and this is found faster.
const BEYOND_ASCII = /[^ -~]/;

/** The text with everything unprintable as an escape, such as `\u000a`. */
export function printable(text: string): string {
  return BEYOND_ASCII.test(text) ? text.replaceAll(UNPRINTABLE, escapeUnit) : text;
}

/** One line of at most `limit` UTF-16 units. */
export function oneLine(text: string, limit: number): string {
  return shortened(printable(shortened(text, limit)), limit);
}

/** The text, or its start and an ellipsis: at most `limit` UTF-16 units, and never half a character. */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** The text, or its start and an ellipsis: at most `limit` bytes of UTF-8, and never half a character. */
export function shortenedToBytes(text: string, limit: number): string {
  if (utf8Length(text) <= limit) return text;
  const room = new Uint8Array(Math.max(0, limit - utf8Length("…")));
  return `${text.slice(0, ENCODER.encodeInto(text, room).read)}…`;
}

/** Bytes that a text takes as UTF-8. */
export function utf8Length(text: string): number {
  return ENCODER.encode(text).length;
}

const ENCODER = new TextEncoder();

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
