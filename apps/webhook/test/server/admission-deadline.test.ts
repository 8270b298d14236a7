import { expect, test } from "vitest";

import { admissionBudget } from "../../src/server/admission-deadline.ts";

test.each([
  ["timeout=10s", 8800],
  ["timeout=30s", 28_800],
  ["timeout=5s", 3800],
  ["a=b&timeout=5s&c=d", 3800],
  ["timeout=5000ms", 3800],
])("%s leaves %d ms: the API server rounds up to a second, and the answer has its way back", (query, budget) => {
  expect(admissionBudget(query)).toBe(budget);
});

test("of a short timeout half is left", () => {
  expect(admissionBudget("timeout=1s")).toBe(500);
  expect(admissionBudget("timeout=2s")).toBe(1000);
});

test.each([
  "",
  "timeout=",
  "timeout=0s",
  "timeout=x",
  "timeout=-5s",
  "xtimeout=5s",
  "timeout=1m30s",
  "timeout=%35s",
  "timeout=5",
])("%j is none, and the API server's default of 10 s holds", (query) => {
  expect(admissionBudget(query)).toBe(8800);
});

test.each(["timeout=31s", "timeout=999999s", "timeout=5m"])("%s is more than the API server waits", (query) => {
  expect(admissionBudget(query)).toBe(28_800);
});
