/** A connection is closed before its handshake when its client has given up; what one client says must not hurry the others. */
import { expect, test } from "vitest";

import { admissionBudget, createPatience } from "../../src/server/admission-deadline.ts";

const DEFAULT = admissionBudget("");
const LONGEST = admissionBudget("timeout=30s");
const MINUTE = 60_000;

function patienceAt(clock: { now: number }): ReturnType<typeof createPatience> {
  return createPatience(() => clock.now);
}

test("clients wait for the API server's default until one said otherwise", () => {
  expect(patienceAt({ now: 0 }).current()).toBe(DEFAULT);
});

test("a client with a short timeout does not shorten the patience of the others", () => {
  const patience = patienceAt({ now: 0 });
  patience.learn(admissionBudget("timeout=100ms"));
  expect(patience.current()).toBe(DEFAULT);
  patience.learn(LONGEST);
  for (let time = 0; time < 100; time++) patience.learn(admissionBudget("timeout=100ms"));
  expect(patience.current()).toBe(LONGEST);
});

test("the longest timeout counts for a minute, however often shorter ones come", () => {
  const clock = { now: 0 };
  const patience = patienceAt(clock);
  patience.learn(LONGEST);
  while (clock.now < MINUTE) {
    expect(patience.current()).toBe(LONGEST);
    patience.learn(admissionBudget("timeout=15s"));
    clock.now += 500;
  }
});

test("two minutes after the last longest one the longest since then counts, and at the end the default", () => {
  const clock = { now: 0 };
  const patience = patienceAt(clock);
  patience.learn(LONGEST);
  clock.now = 1.5 * MINUTE;
  patience.learn(admissionBudget("timeout=15s"));
  clock.now = 2 * MINUTE;
  expect(patience.current()).toBe(admissionBudget("timeout=15s"));
  clock.now = 10 * MINUTE;
  expect(patience.current()).toBe(DEFAULT);
});
