import { describe, expect, test } from "vitest";

import { crc32c } from "../../../src/providers/gcp-secretmanager/crc32c.ts";

const ascending = Uint8Array.from({ length: 32 }, (_value, index) => index);

describe("CRC-32C", () => {
  // RFC 3720 B.4, and the check value of the catalogue of CRCs.
  test.each<[string, Uint8Array, number]>([
    ["32 bytes of zeroes", new Uint8Array(32), 0x8a9136aa],
    ["32 bytes of ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ["32 bytes that go up", ascending, 0x46dd794e],
    ["32 bytes that go down", ascending.toReversed(), 0x113fdb5c],
    ["the digits from 1 to 9", new TextEncoder().encode("123456789"), 0xe3069283],
    ["nothing", new Uint8Array(), 0],
  ])("of %s is as published", (_what, bytes, checksum) => {
    expect(crc32c(bytes)).toBe(checksum);
  });
});
