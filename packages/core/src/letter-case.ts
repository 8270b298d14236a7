/**
 * Upper and lower case as in Go, letter by letter, since Flyte names env vars and files by it. JavaScript's own mapping
 * may make two letters of one (`ß`, `ŉ`) and looks at the neighbours (final sigma).
 */

/** Go's `strings.ToUpper`: one letter for each. */
export function goUpper(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapLetters(text, upperLetter);
}

/** Go's `strings.ToLower`: one letter for each. */
export function goLower(text: string): string {
  return isAscii(text)
    ? text.toLowerCase()
    : mapLetters(text, (letter) => (letter === "İ" ? "i" : letter.toLowerCase()));
}

function upperLetter(letter: string): string {
  const code = letter.codePointAt(0) ?? 0;
  // Greek letters with iota subscript have a capital of their own; JavaScript writes the iota beside it.
  if (code >= 0x1f80 && code <= 0x1faf && (code & 0xf) < 8) return String.fromCodePoint(code + 8);
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCodePoint(code + 9);
  return letter.toUpperCase();
}

/**
 * Letters with two cases that Unicode has since 15.1. Go 1.26 knows none of them, and a Node knows those of its day, so
 * without this the same request would be another file or env var under the next Node.
 */
const AFTER_UNICODE_15 = /[\u1c89\u1c8a\ua7cb-\ua7cf\ua7d2\ua7d4\ua7da-\ua7dc\u{10d50}-\u{10d85}\u{16ea0}-\u{16ed3}]/u;

function mapLetters(text: string, map: (letter: string) => string): string {
  let result = "";
  for (const letter of text) {
    const mapped = map(letter);
    result += [...mapped].length === 1 && !AFTER_UNICODE_15.test(letter + mapped) ? mapped : letter;
  }
  return result;
}

function isAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text);
}
