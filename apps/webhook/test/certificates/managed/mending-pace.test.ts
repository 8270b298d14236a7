import { expect, test } from "vitest";

import { createMendingPace } from "../../../src/certificates/managed/mending-pace.ts";

/** Answers given in so many milliseconds, to somebody who undoes each at once. */
function answersIn(milliseconds: number): readonly number[] {
  let now = 0;
  const pace = createMendingPace(() => now);
  const given: number[] = [];
  for (; now < milliseconds; now += 100) {
    if (pace.wait() > 0) continue;
    pace.answered();
    given.push(now);
  }
  return given;
}

test("the first few changes are answered at once, and then ten a minute", () => {
  expect(answersIn(1000).length).toBe(5);
  expect(answersIn(60_000).length).toBe(14);
  expect(answersIn(600_000).length).toBe(104);
});

test("whoever is left alone for a while answers at once again", () => {
  let now = 0;
  const pace = createMendingPace(() => now);
  for (let index = 0; index < 5; index++) pace.answered();
  expect(pace.wait()).toBe(6000);
  now = 30_000;
  for (let index = 0; index < 5; index++) {
    expect(pace.wait()).toBe(0);
    pace.answered();
  }
  expect(pace.wait()).toBe(6000);
});
