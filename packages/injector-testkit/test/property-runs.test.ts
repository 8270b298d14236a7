import { afterEach, expect, test, vi } from "vitest";

import { propertyRuns, propertySeed } from "../src/index.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("properties run 200 times with a seed of chance", () => {
  vi.stubEnv("POD_SECRETS_PROPERTY_RUNS", "");
  vi.stubEnv("POD_SECRETS_PROPERTY_SEED", undefined);
  expect([propertyRuns(), propertySeed()]).toEqual([200, undefined]);
});

test("the environment says otherwise", () => {
  vi.stubEnv("POD_SECRETS_PROPERTY_RUNS", "10000");
  vi.stubEnv("POD_SECRETS_PROPERTY_SEED", "-782545116");
  expect([propertyRuns(), propertySeed()]).toEqual([10_000, -782_545_116]);
});

test.each(["0", "-1", "1.5", "many"])("%s is no number of runs", (runs) => {
  vi.stubEnv("POD_SECRETS_PROPERTY_RUNS", runs);
  expect(propertyRuns).toThrow(`POD_SECRETS_PROPERTY_RUNS is ${runs}`);
});
