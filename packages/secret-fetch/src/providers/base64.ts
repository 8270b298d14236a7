/** Bytes that a store sends as base64. */

/** @returns undefined for what is no base64 with its padding: Node takes anything, and what was cut off is no secret */
export function base64Bytes(text: string): Uint8Array | undefined {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Buffer.from(text, "base64") : undefined;
}
