/** User text in messages: one line, nothing that could forge or hide text, and no longer than it should be. */

// Controls, marks that join or turn text, lone surrogates, what has no meaning yet, and separators of lines.
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

// Most text is plain, and this is found faster.
const BEYOND_ASCII = /[^ -~]/;

/** The text with everything unprintable as an escape, such as `\u000a`. */
export function printable(text: string): string {
  return BEYOND_ASCII.test(text) ? text.replaceAll(UNPRINTABLE, escaped) : text;
}

/** User text for a message: quoted, unprintable characters as escapes, and between the quotes cut to `limit` characters. */
export function quoted(text: string, limit: number = 63): string {
  if (text.length <= limit && !ESCAPED.test(text)) return `"${text}"`;
  const json = printable(JSON.stringify(shortened(text, limit)));
  return json.length <= limit + 2 ? json : `"${shortenedEscapes(json.slice(1, -1), limit)}"`;
}

// What stands in quotes otherwise than it is, or might: the rest needs no second look.
const ESCAPED = /[^ !#-[\]-~]/;

/** One line of at most `limit` UTF-16 units. */
export function oneLine(text: string, limit: number): string {
  return shortened(printable(shortened(text, limit)), limit);
}

/** The text, or its start and an ellipsis: at most `limit` UTF-16 units, and never half a character. */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** Text with escapes, or its start and an ellipsis: at most `limit` UTF-16 units, and never half an escape. */
function shortenedEscapes(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const start = shortened(text, limit).slice(0, -"…".length);
  return `${WHOLE_ESCAPES.exec(start)?.[0] ?? ""}…`;
}

// What JSON writes and `printable`: `\n`, `\u000a`, `\u{e0041}`, and anything but a backslash.
const WHOLE_ESCAPES = /^(?:[^\\]|\\(?:[^u]|u[0-9a-f]{4}|u\{[0-9a-f]+\}))*/;

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

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\u{${code}}`;
}
