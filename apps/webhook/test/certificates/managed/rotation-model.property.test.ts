import fc from "fast-check";
import { propertyRuns, propertySeed } from "@pod-secrets/injector-testkit";
import { describe, expect, test } from "vitest";

import { DAY, HOUR } from "../../../src/certificates/lifetimes.ts";
import { phaseOf } from "../../../src/certificates/managed/rotation.ts";
import {
  createWorld,
  happen,
  POLICY,
  settle,
  unsettled,
  untrusted,
  type Happening,
  type World,
} from "./rotation-model.ts";

const seed = propertySeed();
const RANDOM = { numRuns: propertyRuns(), ...(seed === undefined ? {} : { seed }) };

const who = fc.nat(4);
const moves: readonly fc.WeightedArbitrary<Happening>[] = [
  { weight: 30, arbitrary: fc.record({ kind: fc.constant("observe" as const), who }) },
  { weight: 60, arbitrary: fc.record({ kind: fc.constant("act" as const), who }) },
  { weight: 40, arbitrary: fc.record({ kind: fc.constant("publish" as const), who }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("crash" as const), who }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("leave" as const), who }) },
  { weight: 16, arbitrary: fc.record({ kind: fc.constant("start" as const), who }) },
  {
    weight: 15,
    arbitrary: fc.record({ kind: fc.constant("time" as const), milliseconds: fc.nat(3 * POLICY.overlap) }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: "due" as const }) },
];
const harms: readonly fc.WeightedArbitrary<Happening>[] = [
  { weight: 3, arbitrary: fc.constant({ kind: "delete" as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: "damage" as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: "empty registration" as const }) },
];

const skews = fc.array(fc.constantFrom(0, 0, 0, 23 * HOUR, -23 * HOUR), { minLength: 1, maxLength: 5 });

/** Runs it, and after each happening every chain that is served is one that all API servers trust. */
function play(world: World, happenings: readonly Happening[]): void {
  for (const happening of happenings) {
    happen(world, happening);
    const refused = untrusted(world);
    if (refused.length > 0)
      throw new Error(
        `${refused.join("\n")}\n${world.log
          .slice(-60)
          .map((entry) => JSON.stringify(entry))
          .join("\n")}`,
      );
  }
}

function phase({ secret: { content } }: World): string {
  return content.kind === "intact" ? phaseOf(content.rotation) : content.kind;
}

function startAll(world: World): void {
  for (let index = 0; index < world.replicas.length; index++) happen(world, { kind: "start", who: index });
}

function settled(clocks: readonly number[]): World {
  const world = createWorld(clocks);
  startAll(world);
  settle(world);
  expect(unsettled(world)).toEqual([]);
  return world;
}

describe("in any order of what replicas do, and whenever they crash", () => {
  test.each([
    ["nobody else touches anything", moves],
    ["the Secret is deleted and damaged, and the registration emptied", [...moves, ...harms]],
  ])(
    "every chain that is served is trusted by every API server, and it ends steady: %s",
    (_, happenings) => {
      fc.assert(
        fc.property(skews, fc.array(fc.oneof(...happenings), { minLength: 20, maxLength: 200 }), (clocks, list) => {
          const world = settled(clocks);
          play(world, list);
          startAll(world);
          settle(world);
          expect(untrusted(world)).toEqual([]);
          expect(unsettled(world)).toEqual([]);
        }),
        RANDOM,
      );
    },
    120_000,
  );

  test("from nothing, all end with one generation", () => {
    fc.assert(
      fc.property(skews, fc.array(fc.oneof(...moves), { maxLength: 100 }), (clocks, list) => {
        const world = createWorld(clocks);
        play(world, list);
        startAll(world);
        settle(world);
        expect(unsettled(world)).toEqual([]);
      }),
      RANDOM,
    );
  }, 120_000);
});

describe("a rotation", () => {
  test("waits for a replica that has read the certificate and does not serve it yet", () => {
    const world = settled([0, 0]);
    play(world, [{ kind: "leave", who: 1 }, { kind: "due" }, { kind: "stall", who: 1 }]);
    expect(phase(world)).toBe("published");
    world.now += POLICY.overlap;
    play(world, [
      { kind: "start", who: 1 },
      { kind: "act", who: 1 },
      { kind: "stall", who: 1 },
      { kind: "act", who: 1 },
    ]);
    expect(phase(world)).toBe("swapped");
    settle(world);
    expect(unsettled(world)).toEqual([]);
  });
  test("comes when a third of the life is left, and takes one round through the phases", () => {
    const world = settled([0, 0, 0]);
    const made = world.made;
    happen(world, { kind: "due" });
    play(world, [{ kind: "time", milliseconds: 1 }]);
    settle(world);
    expect(unsettled(world)).toEqual([]);
    expect(world.made).toBeGreaterThan(made);
    expect(world.registration.at(-1)?.bundle).not.toContain(`<${"1".padStart(16, "0")}>`);
  });
  test.each([100, -100])(
    "goes on beside a replica whose clock is %i days off, and is not begun again and again",
    (days) => {
      const world = createWorld([0, 0, days * DAY]);
      startAll(world);
      settle(world);
      happen(world, { kind: "due" });
      const [made, version] = [world.made, world.secret.version];
      const began = world.now;
      for (let round = 0; round < 3; round++) {
        settle(world);
        expect(untrusted(world)).toEqual([]);
      }
      const overlaps = (world.now - began) / POLICY.overlap;
      expect(overlaps).toBeGreaterThan(20);
      // Each of the two sides once in four overlaps at most, in five steps and the notes of three replicas.
      expect(world.made - made).toBeLessThanOrEqual(2 * (overlaps / 4 + 1));
      expect(world.secret.version - version).toBeLessThanOrEqual(16 * (overlaps / 4 + 1));
      for (const { skew, serving } of world.replicas) {
        if (skew !== 0) continue;
        expect(serving?.starts).toBeLessThanOrEqual(world.now);
        expect(serving?.expires).toBeGreaterThan(world.now + POLICY.lifetime / 3);
      }
    },
  );
});
