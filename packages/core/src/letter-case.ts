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

function mapLetters(text: string, map: (letter: string) => string): string {
  let result = "";
  for (const letter of text) {
    const mapped = map(letter);
    result += [...mapped].length === 1 ? mapped : letter;
  }
  return result;
}

function isAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text);
}
