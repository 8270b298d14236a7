/**
 * Flyte's base32: an alphabet of its own (digits 1 to 6 where RFC 4648 has 2 to 7), most significant bit
 * first, no padding. It makes annotation values and names of Secret volumes.
 */
import { byteText } from "./byte-text.ts";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz123456";
const INVALID = 255;
const SKIPPED = 254;
const VALUES = decodeTable();

/** Where a text stops being base32, as a 0-based offset that does not count CR and LF. */
export interface Base32Error {
  readonly illegalAt: number;
}

/** Encodes text as UTF-8 in base32. */
export function encodeBase32(text: string): string {
  return encodeBase32Bytes(new TextEncoder().encode(text));
}

/** Encodes bytes in base32. */
export function encodeBase32Bytes(bytes: Uint8Array): string {
  const units: number[] = [];
  let bits = 0;
  let buffer = 0;
  for (const byte of bytes) {
    buffer = ((buffer & 0x1f) << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      units.push(ALPHABET.charCodeAt((buffer >> bits) & 31));
    }
  }
  if (bits > 0) units.push(ALPHABET.charCodeAt((buffer << (5 - bits)) & 31));
  return byteText(units);
}

/**
 * Decodes to a byte text, as Go's decoder without padding does: CR and LF are skipped and do not count, left-over bits
 * are dropped, and so is a last group of 1, 3 or 6 characters, which no encoder writes.
 */
export function decodeBase32(text: string): string | Base32Error {
  const bytes: number[] = [];
  const whole = decodeGroups(text, bytes);
  let count = whole;
  let buffer = 0;
  for (let index = whole; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    const value = unit < VALUES.length ? (VALUES[unit] ?? INVALID) : INVALID;
    if (value === SKIPPED) continue;
    if (value === INVALID) return { illegalAt: count };
    buffer = ((buffer & 0x7f) << 5) | value;
    const bits = (++count * 5) & 7;
    if (bits < 5) bytes.push((buffer >> bits) & 0xff);
  }
  bytes.length -= WASTED[count & 7] ?? 0;
  return byteText(bytes);
}

/**
 * Eight characters are five bytes, read at once: that is most of any text, and half the work.
 * @param bytes gets what the groups at the start of the text stand for, up to the first that is not all of the alphabet
 * @returns how many characters these groups are
 */
function decodeGroups(text: string, bytes: number[]): number {
  let at = 0;
  for (; at + 8 <= text.length; at += 8) {
    let high = 0;
    let low = 0;
    let all = 0;
    for (let index = at; index < at + 4; index++) {
      const first = VALUES[text.charCodeAt(index)] ?? INVALID;
      const second = VALUES[text.charCodeAt(index + 4)] ?? INVALID;
      high = (high << 5) | first;
      low = (low << 5) | second;
      all |= first | second;
    }
    if (all > 31) break;
    // Twenty bits each, and the third byte is half of either.
    bytes.push(high >> 12, (high >> 4) & 0xff, ((high & 0xf) << 4) | (low >> 16), (low >> 8) & 0xff, low & 0xff);
  }
  return at;
}

/** Whole bytes in a last group of so many characters that Go does not take. */
const WASTED = [0, 0, 0, 1, 0, 0, 3, 0];

function decodeTable(): Uint8Array {
  const table = new Uint8Array(128).fill(INVALID);
  for (let value = 0; value < ALPHABET.length; value++) table[ALPHABET.charCodeAt(value)] = value;
  table[0x0a] = SKIPPED;
  table[0x0d] = SKIPPED;
  return table;
}
