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

  test("also of replicas that want certificates for different names", () => {
    const name = fc.subarray(["a", "b", "c", "d"], { minLength: 1 });
    const replicas = fc.array(fc.tuple(fc.constantFrom(0, 23 * HOUR), name), {
      minLength: 2,
      maxLength: 4,
    });
    fc.assert(
      fc.property(replicas, fc.array(fc.oneof(...moves, ...harms), { minLength: 20, maxLength: 200 }), (each, list) => {
        const world = createWorld(
          each.map(([skew]) => skew),
          each.map(([, names]) => names),
        );
        startAll(world);
        settle(world);
        expect(unsettled(world)).toEqual([]);
        play(world, list);
        startAll(world);
        settle(world);
        expect(untrusted(world)).toEqual([]);
        expect(unsettled(world)).toEqual([]);
      }),
      RANDOM,
    );
  }, 120_000);

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

describe("replicas that want certificates for different names", () => {
  const renewed = (names: readonly (readonly string[])[]): World => {
    const world = createWorld(
      names.map(() => 0),
      names,
    );
    startAll(world);
    settle(world);
    happen(world, { kind: "due" });
    settle(world);
    return world;
  };
  const namesOf = ({ secret: { content } }: World): readonly string[] =>
    content.kind === "intact" ? content.rotation.current.names.toSorted() : [];

  test.each([
    ["of two configurations", [["a"], ["b"]]],
    ["of two, one of which has more", [["a", "b"], ["b"]]],
    ["of three, and none of them of the first", [["a", "x"], ["b"], ["c"]]],
  ])("%s agree on one for all of them, and do not replace each other's for ever", (_, names) => {
    const world = renewed(names);
    expect(unsettled(world)).toEqual([]);
    expect(namesOf(world)).toEqual([...new Set(names.flat())].toSorted());
    // For each configuration one to begin with and one at the renewal, and again where a round was over before all had looked.
    expect(world.made).toBeLessThanOrEqual(4 * names.length);
  });
  test("agree from a certificate that has the names of none of them", () => {
    const names = [["old"], ["a"], ["b"]];
    const world = createWorld([0, 0, 0], names);
    happen(world, { kind: "start", who: 0 });
    settle(world);
    happen(world, { kind: "leave", who: 0 });
    happen(world, { kind: "start", who: 1 });
    happen(world, { kind: "start", who: 2 });
    const { made } = world;
    settle(world);
    expect(unsettled(world)).toEqual([]);
    expect(namesOf(world)).toEqual(expect.arrayContaining(["a", "b"]));
    expect(world.made - made).toBeLessThanOrEqual(4);
  });
  test("for more names than one certificate may have, replace each other's now and then only", () => {
    const names = Array.from({ length: 5 }, (_, each) =>
      Array.from({ length: 20 }, (__, index) => `n${index}.r${each}`),
    );
    const world = renewed(names);
    const [made, began] = [world.made, world.now];
    for (let round = 0; round < 10; round++) {
      play(world, [{ kind: "time", milliseconds: 2 * POLICY.overlap }]);
      settle(world);
      expect(untrusted(world)).toEqual([]);
      expect(unsettled(world)).toEqual([]);
    }
    const overlaps = (world.now - began) / POLICY.overlap;
    expect(overlaps).toBeGreaterThan(20);
    expect(world.made - made).toBeLessThanOrEqual(names.length * (overlaps / 4 + 1));
  });
});
