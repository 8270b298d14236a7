import { describe, expect, test } from "vitest";

import { DAY, HOUR } from "../../../src/certificates/lifetimes.ts";
import { decide, issued, trustedBundle, type Action, type View } from "../../../src/certificates/managed/decide.ts";
import { nextNames, standingOf } from "../../../src/certificates/managed/generation.ts";
import {
  begin,
  bundleOf,
  note,
  phaseOf,
  prune,
  publish,
  stage,
  swap,
  type Rotation,
} from "../../../src/certificates/managed/rotation.ts";
import { FIRST, generation, NOW, POLICY, SECOND, THIRD } from "./generations.ts";

const ME = "replica-0";
const steady = note(begin(FIRST, [], NOW), ME, FIRST.id, NOW);
const DUE = NOW + 61 * DAY;
const later = await generation(DUE);

/** What a replica sees that serves what the Secret says, when all is well. */
function view(rotation: Rotation, changes: Partial<View> = {}): View {
  return {
    secret: { kind: "intact", rotation },
    memory: rotation,
    serving: rotation.current.id,
    replica: ME,
    publication: "holds",
    inPhase: 0,
    now: NOW,
    policy: POLICY,
    ...changes,
  };
}

const written = (action: Action): Rotation => {
  if (action.do !== "write" && action.do !== "create") throw new Error(`it does not write: ${action.do}`);
  return action.rotation;
};

describe("a replica that starts", () => {
  test("makes the first certificate when there is no Secret", () => {
    const first = view(steady, { secret: { kind: "absent" }, memory: undefined, serving: undefined });
    expect(decide(first)).toEqual({ do: "issue", as: "first", names: POLICY.names });
    expect(issued(first, FIRST)).toMatchObject({ do: "create", rotation: { revision: 1, current: { id: FIRST.id } } });
  });
  test("says that it is there before it serves", () => {
    const start = view(begin(FIRST, [], NOW), { serving: undefined });
    const joined = decide(start);
    expect(joined).toMatchObject({ do: "write", step: "join" });
    expect(written(joined).replicas.get(ME)).toEqual({ serves: FIRST.id, at: NOW });
    expect(written(joined).revision).toBe(1);
    expect(decide(view(written(joined), { serving: undefined }))).toEqual({ do: "serve", generation: FIRST });
  });
  test("serves even what has expired, and renews it at once", () => {
    const old = view(note(steady, ME, FIRST.id, NOW), { serving: undefined, now: NOW + 100 * DAY });
    expect(decide(old)).toMatchObject({ do: "serve" });
    expect(decide({ ...old, serving: FIRST.id })).toMatchObject({ do: "issue", as: "next" });
  });
  test("goes on with what can be salvaged of a damaged Secret, and trusts what it found", () => {
    const salvage = begin(FIRST, [THIRD.ca], NOW);
    const secret = { kind: "damaged", problem: "x", salvage, found: [] } as const;
    expect(decide(view(steady, { secret, memory: undefined, serving: undefined }))).toEqual({
      do: "write",
      rotation: salvage,
      step: "mend",
    });
  });
  test("starts anew when nothing can be salvaged, and goes on trusting the CAs that it found", () => {
    const secret = { kind: "damaged", problem: "x", found: [THIRD.ca] } as const;
    const start = view(steady, { secret, memory: undefined, serving: undefined });
    expect(decide(start)).toMatchObject({ do: "issue", as: "first" });
    expect(written(issued(start, FIRST))).toMatchObject({ revision: 1, former: [THIRD.ca] });
  });
});

describe("the last good state is put back", () => {
  const memory = { ...steady, revision: 9 };
  test("with the same CA when the Secret is gone", () => {
    expect(decide(view(memory, { secret: { kind: "absent" } }))).toEqual({ do: "create", rotation: memory });
  });
  test("when the Secret is damaged", () => {
    const secret = { kind: "damaged", problem: "x", found: [] } as const;
    expect(decide(view(memory, { secret }))).toEqual({ do: "write", rotation: memory, step: "restore" });
  });
  test("when an older one was put there, such as by a backup, with the notes of those that came with it", () => {
    const older = note(begin(SECOND, [], NOW), "replica-1", SECOND.id, NOW);
    const action = decide(view(memory, { secret: { kind: "intact", rotation: older } }));
    expect(action).toMatchObject({ do: "write", step: "restore" });
    expect(written(action)).toMatchObject({ revision: 9, current: { id: FIRST.id } });
    expect([...written(action).replicas.keys()].toSorted()).toEqual([ME, "replica-1"]);
  });
  test("and it is what the registration is to hold meanwhile", () => {
    const secret = { kind: "intact", rotation: begin(SECOND, [], NOW) } as const;
    expect(trustedBundle({ secret, memory })).toBe(FIRST.ca.pem);
    expect(trustedBundle({ secret, memory: undefined })).toBe(SECOND.ca.pem);
    expect(trustedBundle({ secret: { kind: "absent" }, memory: undefined })).toBeUndefined();
  });
  test("but a Secret that somebody else writes is left alone", () => {
    expect(decide(view(memory, { secret: { kind: "foreign", by: "x" } }))).toEqual({ do: "wait" });
  });
});

describe("a rotation", () => {
  const staged = stage(steady, SECOND);
  const published = publish(staged);
  const swapped = swap(published, NOW);

  test("waits while all is well", () => {
    expect(decide(view(steady))).toEqual({ do: "wait" });
  });
  test("begins when a third of the life is left", () => {
    expect(decide(view(steady, { now: NOW + 59 * DAY }))).toEqual({ do: "wait" });
    const due = view(steady, { now: DUE });
    expect(decide(due)).toEqual({ do: "issue", as: "next", names: POLICY.names });
    expect(written(issued(due, later))).toMatchObject({ revision: 2, next: { id: later.id }, current: FIRST });
  });
  test("publishes before anything else, and goes on when the registration holds both CAs", () => {
    expect(decide(view(staged, { publication: "unasked" }))).toEqual({ do: "publish", bundle: bundleOf(staged) });
    expect(decide(view(staged, { publication: "asked" }))).toEqual({ do: "wait" });
    expect(decide(view(staged))).toEqual({ do: "write", rotation: published, step: "publish" });
  });
  test("without a registration of its own goes by time alone", () => {
    expect(decide(view(staged, { publication: "nobody" }))).toMatchObject({ step: "publish" });
    expect(decide(view(published, { publication: "nobody", inPhase: 899_999 }))).toEqual({ do: "wait" });
    expect(decide(view(published, { publication: "nobody", inPhase: 900_000 }))).toMatchObject({ step: "swap" });
  });
  test("swaps after the overlap, and not while the registration is in doubt", () => {
    expect(decide(view(published, { inPhase: 899_999 }))).toEqual({ do: "wait" });
    expect(decide(view(published, { inPhase: 900_000 }))).toEqual({ do: "write", rotation: swapped, step: "swap" });
    expect(decide(view(published, { inPhase: 900_000, publication: "unasked" }))).toMatchObject({ do: "publish" });
    expect(decide(view(published, { inPhase: 900_000, publication: "asked" }))).toEqual({ do: "wait" });
  });
  test("is followed by each replica, which then says so", () => {
    const behind = view(swapped, { serving: FIRST.id });
    expect(decide(behind)).toEqual({ do: "serve", generation: SECOND });
    expect(decide({ ...behind, serving: SECOND.id })).toMatchObject({ do: "write", step: "acknowledge" });
  });
  test("ends when all have followed", () => {
    const one = note(swapped, ME, SECOND.id, NOW);
    const two = note(one, "replica-1", FIRST.id, NOW);
    expect(decide(view(one))).toEqual({ do: "write", rotation: prune(one), step: "prune" });
    expect(decide(view(two))).toEqual({ do: "wait" });
    expect(phaseOf(prune(one))).toBe("steady");
  });
  test("ends without those that are silent for four times the overlap, and forgets them", () => {
    const waiting = note(note(swapped, ME, SECOND.id, NOW), "gone", FIRST.id, NOW);
    expect(decide(view(waiting, { inPhase: 3_599_999 }))).toEqual({ do: "wait" });
    const action = decide(view(waiting, { inPhase: 3_600_000 }));
    expect(action).toMatchObject({ step: "prune" });
    expect([...written(action).replicas.keys()]).toEqual([ME]);
  });
  test("makes another next one when that can no longer be used", () => {
    const late = view(published, { now: NOW + 91 * DAY, inPhase: 3_600_000 });
    expect(decide(late)).toMatchObject({ do: "issue", as: "next" });
    expect(written(issued(late, later))).toMatchObject({ next: { id: later.id }, isPublished: false });
  });
  test("is quick when nobody can use what is served", async () => {
    const expired = publish(stage(steady, later));
    const now = NOW + 91 * DAY;
    expect(decide(view(expired, { now, inPhase: 1999 }))).toEqual({ do: "wait" });
    expect(decide(view(expired, { now, inPhase: 2000 }))).toMatchObject({ step: "swap" });
  });
});

describe("clocks", () => {
  test.each([23 * HOUR, -23 * HOUR])("that are %i ms off find nothing wrong with a new certificate", (off) => {
    expect(standingOf(FIRST, POLICY, NOW + off)).toBe("good");
  });
  test("a certificate from a clock that is far ahead replaces nothing that is served, and is replaced", () => {
    const ahead = swap(publish(stage(steady, later)), NOW);
    expect(decide(view(ahead, { serving: FIRST.id }))).toMatchObject({ do: "issue", as: "next" });
  });
  test("a clock that is far ahead does not begin one rotation after the other", () => {
    const due = view(steady, { now: DUE });
    expect(decide({ ...due, sinceStaged: 29 * DAY })).toEqual({ do: "wait" });
    expect(decide({ ...due, sinceStaged: 30 * DAY })).toMatchObject({ do: "issue" });
  });
  test("that find the dates of a new next one wrong let others go on with it, and say so", () => {
    const ahead = view(stage(steady, later), { inPhase: 3_599_999 });
    expect(decide(ahead)).toEqual({ do: "wait", doubt: "clock" });
    expect(decide({ ...ahead, inPhase: 3_600_000 })).toMatchObject({ do: "issue", as: "next" });
  });
  test("never replace a next one for its dates by one who has staged one within a third of the life", () => {
    const again = view(stage(steady, later), { inPhase: 3_600_000, sinceStaged: 29 * DAY });
    expect(decide(again)).toEqual({ do: "wait", doubt: "clock" });
    expect(decide({ ...again, sinceStaged: 30 * DAY })).toMatchObject({ do: "issue" });
  });
  test("that find the current one outside its dates begin no second rotation within four overlaps", () => {
    const expired = view(steady, { now: NOW + 91 * DAY, sinceStaged: 3_599_999 });
    expect(decide(expired)).toEqual({ do: "wait", doubt: "clock" });
    expect(decide({ ...expired, sinceStaged: 3_600_000 })).toMatchObject({ do: "issue" });
  });
  test("are no reason to keep a next one that lacks a name", () => {
    const policy = { ...POLICY, names: ["other.flyte.svc"] };
    expect(decide(view(stage(steady, later), { policy, sinceStaged: 0 }))).toMatchObject({ do: "issue" });
  });
  test("that jump back after a rotation change nothing", () => {
    const swapped = note(swap(publish(stage(steady, SECOND)), NOW), ME, SECOND.id, NOW);
    expect(decide(view(prune(swapped), { now: NOW - 23 * HOUR }))).toEqual({ do: "wait" });
  });
});

describe("names", () => {
  test("that are missing begin a rotation, to a certificate that has those of both configurations", async () => {
    const policy = { ...POLICY, names: ["other.flyte.svc"] };
    const action = decide(view(steady, { policy }));
    expect(action).toEqual({ do: "issue", as: "next", names: ["other.flyte.svc", ...POLICY.names] });
    const joint = await generation(NOW, nextNames({ current: FIRST }, policy));
    expect(standingOf(joint, policy, NOW)).toBe("good");
    expect(standingOf(joint, POLICY, NOW)).toBe("good");
  });
  test("of a configuration that is gone go with the next rotation", () => {
    expect(nextNames({ current: { ...FIRST, names: [...POLICY.names, "old"] } }, POLICY)).toEqual(POLICY.names);
  });
  test("that a next one lacks are added to those that it has, so that nobody finds that one wanting", () => {
    const policy = { ...POLICY, names: ["a"] };
    const rotation = stage(steady, { ...SECOND, names: ["b"] });
    expect(decide(view(rotation, { policy, sinceStaged: 0 }))).toEqual({
      do: "issue",
      as: "next",
      names: ["a", ...POLICY.names, "b"],
    });
  });
  test("that are too many for one certificate are asked for once in four overlaps", () => {
    const names = Array.from({ length: 64 }, (_, index) => `n${index}`);
    const full = view(stage(steady, { ...SECOND, names }), { sinceStaged: 3_599_999 });
    expect(decide(full)).toEqual({ do: "wait", doubt: "names" });
    expect(decide({ ...full, sinceStaged: 3_600_000 })).toMatchObject({ do: "issue", as: "next" });
  });
});

describe("how long certificates live", () => {
  const lives = (days: number): { readonly starts: number; readonly expires: number } => ({
    starts: NOW - DAY,
    expires: NOW + days * DAY,
  });
  test.each([
    ["as configured", 90, "good"],
    ["99 years, as Flyte's", 99 * 365, "due"],
    ["longer than is configured by now", 365, "due"],
    ["shorter than is configured by now", 30, "good"],
  ])("%s", (_, days, standing) => {
    expect(standingOf({ ...FIRST, ...lives(days) }, POLICY, NOW)).toBe(standing);
  });
  test("one of an hour is renewed after 40 minutes", () => {
    const hour = { ...FIRST, starts: NOW - DAY, expires: NOW + HOUR };
    const policy = { ...POLICY, lifetime: HOUR };
    expect(standingOf(hour, policy, NOW + 39 * 60_000)).toBe("good");
    expect(standingOf(hour, policy, NOW + 40 * 60_000)).toBe("due");
  });
});

test("notes of replicas are kept within bounds, the newest ones", () => {
  let rotation = steady;
  for (let index = 0; index < 600; index++) rotation = note(rotation, `old-${index}`, FIRST.id, NOW + index);
  expect(rotation.replicas.size).toBe(500);
  expect(rotation.replicas.has("old-599")).toBe(true);
  expect(rotation.replicas.has("old-0")).toBe(false);
});
