/** Which CAs the registration holds. */
import { describe, expect, test } from "vitest";

import { makeSelfSigned } from "../../src/certificates/self-signed.ts";
import { encodeBundle, heldBundle } from "../../src/registration/ca-bundle.ts";

const NOW = Date.now();
const [a, b, c, d, e, f] = (await Promise.all(Array.from({ length: 6 }, () => makeSelfSigned(NOW)))).map(
  ({ ca }) => ca,
) as [string, string, string, string, string, string];
const OTHERS = { stay: true, now: NOW } as const;
const held = (ours: string, live: string | undefined, others = OTHERS): string =>
  heldBundle(ours, live === undefined ? undefined : encodeBundle(live), others);

describe("the bundle of the registration", () => {
  test("is ours, whatever was there", () => {
    expect(heldBundle(a, undefined, { stay: false })).toBe(a);
    expect(heldBundle(a, encodeBundle(a + b), { stay: false })).toBe(a);
  });
  test("keeps the CAs of replicas that see new files later, and need not be written again when it has ours", () => {
    expect(held(a, b)).toBe(a + b);
    expect(held(b, a + b)).toBe(a + b);
    expect(held(a, a)).toBe(a);
  });
  test("has no more than four", () => {
    expect(held(a, b + c + d + e)).toBe(a + b + c + d);
    expect(held(a, a + b + c + d + e)).toBe(a + b + c + d);
  });
  test("has all of ours, also when they alone are more than four", () => {
    const ours = a + b + c + d + e;
    expect(held(ours, f)).toBe(ours);
    expect(held(ours, f + ours)).toBe(ours);
    expect(held(ours, ours)).toBe(ours);
  });
  test("does not keep what has expired, or is no CA", () => {
    const later = NOW + 91 * 86_400_000;
    expect(heldBundle(a, encodeBundle(b), { stay: true, now: later })).toBe(a);
    expect(held(a, "no certificate")).toBe(a);
    expect(held(a, undefined)).toBe(a);
  });
});
