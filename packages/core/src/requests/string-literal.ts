/**
 * The inside of strings in the protobuf text format, with the escapes and the error texts of
 * `github.com/golang/protobuf` v1.5.4.
 */
import { printable } from "../printable.ts";
import { byteText, isUtf8, utf8Text } from "./byte-text.ts";

/** Escapes written and read as two characters. */
const WRITTEN_ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x0a, "\\n"],
  [0x0d, "\\r"],
  [0x09, "\\t"],
  [0x22, '\\"'],
  [0x5c, "\\\\"],
]);

/** A text in double quotes: ASCII only, other bytes of its UTF-8 as `\ooo`. */
export function quoteUtf8(text: string): string {
  let literal = '"';
  for (const byte of new TextEncoder().encode(text)) {
    const escape = WRITTEN_ESCAPES.get(byte);
    if (escape !== undefined) literal += escape;
    else if (byte >= 0x20 && byte < 0x7f) literal += String.fromCharCode(byte);
    else literal += `\\${byte.toString(8).padStart(3, "0")}`;
  }
  return `${literal}"`;
}

/**
 * The bytes that the inside of a string stands for; both are byte texts.
 * @param fail ends the parse with the cause
 */
export function unescape(inside: string, fail: (cause: string) => never): string {
  let backslash = inside.indexOf("\\");
  // Without an escape Go takes any bytes, and with one only UTF-8.
  if (backslash === -1) return inside;
  let bytes = "";
  let from = 0;
  while (backslash !== -1) {
    bytes += utf8Only(inside.slice(from, backslash), fail);
    const escape = readEscape(inside, backslash + 1, fail);
    bytes += escape.bytes;
    from = backslash + 1 + escape.length;
    backslash = inside.indexOf("\\", from);
  }
  return bytes + utf8Only(inside.slice(from), fail);
}

function utf8Only(bytes: string, fail: (cause: string) => never): string {
  return isUtf8(bytes) ? bytes : fail("proto: bad UTF-8");
}

/** What an escape stands for, and how many bytes it takes after its backslash. */
interface Escape {
  readonly bytes: string;
  readonly length: number;
}

const LETTER_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["a", "\u0007"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["?", "?"],
  ["'", "'"],
  ['"', '"'],
  ["\\", "\\"],
]);

/** How many hexadecimal digits follow the letter. */
const HEX_ESCAPES: ReadonlyMap<string, number> = new Map([
  ["x", 2],
  ["X", 2],
  ["u", 4],
  ["U", 8],
]);

function readEscape(inside: string, at: number, fail: (cause: string) => never): Escape {
  const letter = inside.charAt(at);
  const bytes = LETTER_ESCAPES.get(letter);
  if (bytes !== undefined) return { bytes, length: 1 };
  if (letter >= "0" && letter <= "7") return readOctal(inside, at, fail);
  const digits = HEX_ESCAPES.get(letter);
  if (digits !== undefined) return readHex(inside, at, digits, fail);
  return fail(unknownEscape(inside.slice(at, at + MAX_UTF8_LENGTH)));
}

/** Most bytes of one character. */
const MAX_UTF8_LENGTH = 4;

function unknownEscape(rest: string): string {
  for (let length = 1; length <= rest.length; length++) {
    const character = rest.slice(0, length);
    if (isUtf8(character)) return `unknown escape \\${printable(utf8Text(character))}`;
  }
  return "proto: bad UTF-8";
}

function readOctal(inside: string, at: number, fail: (cause: string) => never): Escape {
  const digits = inside.slice(at, at + 3);
  if (digits.length < 3) fail(`\\${digits.charAt(0)} requires 2 following digits`);
  if (!/^[0-3][0-7]{2}$/.test(digits)) fail(`\\${printable(utf8Text(digits))} contains non-octal digits`);
  return { bytes: String.fromCharCode(Number.parseInt(digits, 8)), length: 3 };
}

function readHex(inside: string, at: number, length: number, fail: (cause: string) => never): Escape {
  const letter = inside.charAt(at);
  const digits = inside.slice(at + 1, at + 1 + length);
  if (digits.length < length) fail(`\\${letter} requires ${length} following digits`);
  if (!/^[0-9a-fA-F]{2,8}$/.test(digits))
    fail(`\\${letter}${printable(utf8Text(digits))} contains non-hexadecimal digits`);
  const code = Number.parseInt(digits, 16);
  if (length === 2) return { bytes: String.fromCharCode(code), length: 3 };
  if (code > 0x10ffff) fail(`\\${letter}${digits} is not a valid Unicode code point`);
  return { bytes: byteText([...new TextEncoder().encode(String.fromCodePoint(code))]), length: length + 1 };
}
