import { isDeepStrictEqual } from "node:util";

import { expect } from "vitest";

import { applyPatch, type PatchOperation } from "../../src/index.ts";
import { copyOf } from "./arbitraries.ts";
import { applyStrictly } from "./json-patch.ts";

/** Applies a patch as the API server does: from JSON, to a document of its own, and by two implementations of RFC 6902. */
export function expectToMake(patch: readonly PatchOperation[], before: unknown, after: unknown): void {
  const sent = copyOf(patch);
  expectEqual(applyStrictly(before, sent), after);
  expectEqual(applyPatch(before, sent), after);
}

/** `expect` takes far longer than the comparison; here it only has to explain. */
export function expectEqual(actual: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(actual, wanted)) expect(actual).toStrictEqual(wanted);
}

export function expectAtMost(actual: number, most: number): void {
  if (actual > most) expect(actual).toBeLessThanOrEqual(most);
}
