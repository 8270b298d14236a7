/** The lines of a watch, however the network cuts them. */
import fc from "fast-check";
import { expect, test } from "vitest";

import { backoff } from "../../src/kubernetes/backoff.ts";
import { jsonLines } from "../../src/kubernetes/json-lines.ts";

async function* chunksOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const size of sizes) {
    yield bytes.subarray(from, from + size);
    from += size;
  }
  yield bytes.subarray(from);
}

test("lines are whole wherever they are cut, also within a character; a cut-off one is dropped", async () => {
  const anything = fc.array(fc.jsonValue());
  const sizes = fc.array(fc.integer({ min: 0, max: 40 }));
  await fc.assert(
    fc.asyncProperty(anything, sizes, fc.string(), async (values, cuts, tail) => {
      const lines = values.map((value) => `${JSON.stringify(value)}\n`).join("");
      const bytes = Buffer.from(lines + tail.replaceAll("\n", ""));
      const read: unknown[] = [];
      for await (const value of jsonLines(chunksOf(bytes, cuts))) read.push(value);
      expect(read).toEqual(values.map((value) => JSON.parse(JSON.stringify(value)) as unknown));
    }),
  );
});

test("waits grow to the longest, and are never less than half of it", () => {
  const limits = { first: 100, most: 30_000 };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, chance) => {
      const whole = Math.min(limits.most, limits.first * 2 ** (failures - 1));
      const wait = backoff(failures, limits, () => chance);
      expect(wait).toBeGreaterThanOrEqual(whole / 2);
      expect(wait).toBeLessThanOrEqual(whole);
    }),
  );
});
