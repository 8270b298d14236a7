/** Short, stable ids from user text. `@noble/hashes`, since core runs where `node:crypto` does not. */
import { md5 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/**
 * A short id of several texts: 20 characters `[0-9a-f]`, 80 bits of SHA-256. Parts are separated by NUL,
 * so ("ab", "c") and ("a", "bc") differ. The same on every replica and in every release.
 */
export function stableId(...parts: readonly string[]): string {
  return bytesToHex(sha256(utf8ToBytes(parts.join("\0")))).slice(0, 20);
}

/** Lower-case hex MD5: the group that Flyte v2 gives a request that has none. A name, not a protection. */
export function md5Hex(text: string): string {
  return bytesToHex(md5(utf8ToBytes(text)));
}
