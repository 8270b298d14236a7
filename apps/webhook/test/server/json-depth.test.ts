import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { isDeeperThan } from "../../src/server/json-depth.ts";

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe("the depth of JSON, told from its bytes", () => {
  test("is that of the parsed value", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (json) => {
        const bytes = Buffer.from(json);
        const depth = depthOf(JSON.parse(json));
        expect(isDeeperThan(bytes, depth)).toBe(false);
        if (depth > 0) expect(isDeeperThan(bytes, depth - 1)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
  test("is not told from texts, however they end", () => {
    for (const text of ['"[[["', '"\\"[[["', '"\\\\"', '"[[[', '"\\', '"', "]]]]"]) {
      expect(isDeeperThan(Buffer.from(text), 0)).toBe(false);
    }
    expect(isDeeperThan(Buffer.from('"\\\\"[['), 1)).toBe(true);
  });
  test("any bytes are looked at without an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect([true, false]).toContain(isDeeperThan(bytes, 3));
      }),
    );
  });
  test("7 MB of brackets are refused at once", () => {
    const bytes = Buffer.alloc(7_340_032, "[");
    const started = performance.now();
    expect(isDeeperThan(bytes, 64)).toBe(true);
    expect(performance.now() - started).toBeLessThan(5);
  });
});
