/** How often a registration is written when somebody undoes it each time. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createRepairPace } from "../../src/registration/repair-pace.ts";

/** The times at which repairs are made when each is undone after a while. */
function fight(undoneAfter: number, until: number): readonly number[] {
  let now = 0;
  const pace = createRepairPace(() => now);
  const times: number[] = [];
  while (now < until) {
    now += pace.wait();
    pace.repaired();
    times.push(now);
    now += undoneAfter;
  }
  return times;
}

describe("repairs", () => {
  test("are made at once, a few times", () => {
    const pace = createRepairPace(() => 0);
    for (let repair = 0; repair < 4; repair++) {
      expect(pace.wait()).toBe(0);
      pace.repaired();
    }
    expect(pace.isContested()).toBe(true);
    expect(pace.wait()).toBe(10_000);
  });
  test("in a fight are at most 10 in any minute, and soon one in five", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (undoneAfter) => {
        const times = fight(undoneAfter, 3_600_000);
        for (const [index, time] of times.entries())
          expect(times.slice(index).filter((later) => later < time + 60_000).length).toBeLessThanOrEqual(10);
        const last = times.slice(-4);
        for (const [index, time] of last.slice(1).entries())
          expect(time - (last[index] ?? 0)).toBeGreaterThanOrEqual(300_000);
      }),
    );
  });
  test("are made at once again when the fight is over", () => {
    let now = 0;
    const pace = createRepairPace(() => now);
    for (let repair = 0; repair < 8; repair++) pace.repaired();
    expect(pace.wait()).toBeGreaterThan(0);
    now += 600_001;
    expect(pace.wait()).toBe(0);
    expect(pace.isContested()).toBe(false);
  });
});
