import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { exceededLimit, REVIEW_LIMITS } from "../../src/server/json-limits.ts";

const ANY = Number.POSITIVE_INFINITY;

function childrenOf(value: unknown): readonly unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...childrenOf(value).map(depthOf));
}

/** Values at every level; an empty list or object counts as two. */
function valuesOf(value: unknown): number {
  const children = childrenOf(value);
  const isEmpty = typeof value === "object" && value !== null && children.length === 0;
  return children.reduce<number>((sum, child) => sum + valuesOf(child), isEmpty ? 2 : 1);
}

describe("what JSON becomes, told from its bytes", () => {
  test("the depth is that of the parsed value", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (json) => {
        const bytes = Buffer.from(json);
        const depth = depthOf(JSON.parse(json));
        expect(exceededLimit(bytes, { depth, values: ANY })).toBeUndefined();
        if (depth > 0) expect(exceededLimit(bytes, { depth: depth - 1, values: ANY })).toBe("depth");
      }),
      { numRuns: 2000 },
    );
  });
  test("the values are those of the parsed value", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (json) => {
        const bytes = Buffer.from(json);
        const values = valuesOf(JSON.parse(json));
        expect(exceededLimit(bytes, { depth: ANY, values })).toBeUndefined();
        if (values > 1) expect(exceededLimit(bytes, { depth: ANY, values: values - 1 })).toBe("values");
      }),
      { numRuns: 2000 },
    );
  });
  test("nothing is told from texts, however they end", () => {
    for (const text of ['"[[["', '"\\"[[["', '"\\\\"', '"[[[', '"\\', '"', "]]]]", '",,,"', '"\\",,,']) {
      expect(exceededLimit(Buffer.from(text), { depth: 0, values: 1 })).toBeUndefined();
    }
    expect(exceededLimit(Buffer.from('"\\\\"[['), { depth: 1, values: ANY })).toBe("depth");
    expect(exceededLimit(Buffer.from('"\\\\",'), { depth: ANY, values: 1 })).toBe("values");
  });
  test("any bytes are looked at without an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect([undefined, "depth", "values"]).toContain(exceededLimit(bytes, { depth: 3, values: 5 }));
      }),
    );
  });
  test("7 MB of brackets are refused at once", () => {
    const bytes = Buffer.alloc(7_340_032, "[");
    const times = Array.from({ length: 20 }, () => {
      const started = performance.now();
      expect(exceededLimit(bytes, REVIEW_LIMITS)).toBe("depth");
      return performance.now() - started;
    });
    // What else the machine does may fall on all but one of them.
    expect(Math.min(...times)).toBeLessThan(5);
  });
});

describe("a review holds what the largest pod holds, and not much more", () => {
  test.each(["[],", "{},", "1,", '{"a":{}},'])("7 MB of %s are too many values", (piece) => {
    expect(exceededLimit(Buffer.alloc(7_340_032, piece), REVIEW_LIMITS)).toBe("values");
  });
  test.each(['{"name":"A","value":"b"},', '"f:image":{},'])("3 MiB of %s are not", (piece) => {
    expect(exceededLimit(Buffer.alloc(3 * 1024 * 1024, piece), REVIEW_LIMITS)).toBeUndefined();
  });
});
