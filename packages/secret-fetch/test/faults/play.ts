/**
 * What can go wrong between the program and a secret. Whatever it is: the pod does not start, nothing is written, and
 * one line says what and how to mend it, without the value.
 */
import { describe, expect, onTestFinished, test } from "vitest";

import { FAILURES } from "../../src/failure.ts";
import { builtInProviders } from "../../src/providers/built-in.ts";
import { runRound } from "../../src/run/round.ts";
import { testHost } from "../rig/host.ts";
import { prepared, testRound, type TestRound } from "../rig/round.ts";
import { contentOf } from "../rig/volume.ts";
import { OTHER, VALUE, requestOf, stageBasis, type Row, type Scene, type Stage } from "./stage.ts";

/** Plays every row of a store. */
export function playFaults<Staging extends Stage>(scene: Scene<Staging>, rows: readonly Row<Staging>[]): void {
  test("both secrets are fetched when nothing goes wrong", async () => {
    const { stage, round } = await play(scene, () => {}, true);
    expect(round).toMatchObject({ exit: 0, written: 2 });
    expect(contentOf(stage.volume)).toEqual({ db: VALUE, other: OTHER });
  });

  describe("the pod does not start when", () => {
    test.each(rows)("$when", (row) => expectClosed(scene, row, true));
  });

  describe("a secret that is not required stops the pod too when", () => {
    test.each(rows.filter(({ kind }) => kind !== "not-found"))("$when", (row) => expectClosed(scene, row, false));
  });

  test("there are enough rows, and each has its own words", () => {
    expect(rows.length).toBeGreaterThanOrEqual(40);
    expect(new Set(rows.map(({ when }) => when)).size).toBe(rows.length);
  });
}

async function expectClosed<Staging extends Stage>(
  scene: Scene<Staging>,
  row: Row<Staging>,
  required: boolean,
): Promise<void> {
  const { stage, before, round: end } = await play(scene, row.arrange, required);
  expect(end.report).toMatch(row.message);
  expect(end.report).toContain(`fetch/${row.kind}`);
  expect(end).toMatchObject({ exit: FAILURES[row.kind].exit, written: 0 });
  expect(contentOf(stage.volume)).toEqual(before);
  expect(end.report).toMatch(/^[^\n]{1,4000}\. Fix: [^\n]+\.$/);
  for (const secret of [VALUE, OTHER, ...scene.confidential]) expect(end.report).not.toContain(secret);
}

interface Played<Staging extends Stage> {
  readonly stage: Staging;
  /** What was in the volume when the round began. */
  readonly before: ReturnType<typeof contentOf>;
  readonly round: Awaited<ReturnType<typeof runRound>>;
}

async function play<Staging extends Stage>(
  scene: Scene<Staging>,
  arrange: Row<Staging>["arrange"],
  required: boolean,
): Promise<Played<Staging>> {
  const playing: TestRound[] = [];
  const expire = (): void => playing.forEach(({ clock }) => clock.expire());
  const stop = (): void => playing.forEach((each) => each.stop.abort());
  const stage = await scene.set(stageBasis({ expire, stop }));
  await arrange(stage);
  const host = testHost(stage);
  onTestFinished(() => host.close());
  const round = testRound(host);
  playing.push(round);
  const before = contentOf(stage.volume);
  const request = await prepared(requestOf(scene, stage, required), builtInProviders);
  return { stage, before, round: await runRound(request, round.ports) };
}
