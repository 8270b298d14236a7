import { describe, expect, test } from "vitest";

import { createByteBudget } from "../../src/server/byte-budget.ts";

const MIB = 1024 * 1024;

describe("the byte budget", () => {
  test("is all there for small bodies", () => {
    const budget = createByteBudget(64 * MIB, 7 * MIB);
    expect(budget.take(64 * MIB, "small")).toBe(true);
    expect(budget.take(1, "small")).toBe(false);
    budget.give(1);
    expect(budget.take(1, "small")).toBe(true);
  });
  test("keeps 8 MiB of the default from large bodies", () => {
    const budget = createByteBudget(64 * MIB, 7 * MIB);
    expect(budget.take(56 * MIB, "large")).toBe(true);
    expect(budget.take(1, "large")).toBe(false);
    expect(budget.take(8 * MIB, "small")).toBe(true);
    expect(budget.take(1, "small")).toBe(false);
    expect(budget.taken()).toBe(64 * MIB);
  });
  test.each([
    ["a budget of 16 MiB keeps an eighth", 16 * MIB, 7 * MIB, 14 * MIB],
    ["a budget of 1 GiB keeps no more than 8 MiB", 1024 * MIB, 7 * MIB, 1016 * MIB],
    ["the largest body always fits", 8 * MIB, 7.5 * MIB, 7.5 * MIB],
    ["a budget below the largest body keeps nothing", 4 * MIB, 7 * MIB, 4 * MIB],
  ])("%s", (_, limit, largestBody, forLarge) => {
    const budget = createByteBudget(limit, largestBody);
    expect(budget.take(forLarge, "large")).toBe(true);
    expect(budget.take(1, "large")).toBe(false);
  });
});
