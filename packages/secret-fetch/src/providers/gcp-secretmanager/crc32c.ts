/** CRC-32C (Castagnoli; RFC 3720 12.1 and B.4), which Node has not: `zlib.crc32` goes by another polynomial. */

/** The polynomial 0x1EDC6F41, its bits reversed. */
const POLYNOMIAL = 0x82f63b78;

/** Bit by bit: a secret has 64 KiB at most, for which a table would not be worth its memory. */
export function crc32c(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (POLYNOMIAL & -(crc & 1));
  }
  return ~crc >>> 0;
}
