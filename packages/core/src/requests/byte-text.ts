/**
 * Byte texts: strings with one character, U+0000 to U+00FF, per byte. String functions then work on bytes that
 * need not be UTF-8.
 */

/** Arguments that every engine takes in one call. */
const CHUNK = 4096;

/** Bytes as a byte text. */
export function byteText(bytes: readonly number[]): string {
  if (bytes.length <= CHUNK) return fromCharCodes(bytes);
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) text += fromCharCodes(bytes.slice(at, at + CHUNK));
  return text;
}

/** The text whose UTF-8 a byte text holds. Bytes that are no UTF-8 become U+FFFD. */
export function utf8Text(bytes: string): string {
  return isAscii(bytes) ? bytes : LENIENT.decode(toBytes(bytes));
}

/** Whether a byte text is valid UTF-8. */
export function isUtf8(bytes: string): boolean {
  if (isAscii(bytes)) return true;
  try {
    STRICT.decode(toBytes(bytes));
    return true;
  } catch {
    return false;
  }
}

// A byte order mark is content like any other.
const LENIENT = new TextDecoder("utf-8", { ignoreBOM: true });
const STRICT = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

function fromCharCodes(bytes: readonly number[]): string {
  return String.fromCharCode(...bytes);
}

function isAscii(bytes: string): boolean {
  return !/[\u0080-\u00ff]/.test(bytes);
}

function toBytes(bytes: string): Uint8Array {
  return Uint8Array.from(bytes, (character) => character.charCodeAt(0));
}
