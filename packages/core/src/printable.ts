/** User text in messages: one line, nothing that could forge or hide text, and no longer than it should be. */

// C0 and C1 controls, soft hyphen, zero-width and bidi marks, line separators, the byte order mark, lone surrogates.
const UNPRINTABLE =
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]/gu;

/** The text with everything unprintable as an escape, such as `\u000a`. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, escapeUnit);
}

/** The text, or its start and an ellipsis: at most `limit` UTF-16 units, and never half a character. */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
