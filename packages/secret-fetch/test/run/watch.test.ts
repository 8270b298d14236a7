import { describe, expect, test } from "vitest";

import { FetchFailure, type FailureKind } from "../../src/failure.ts";
import type { FetchItem } from "../../src/request.ts";
import { refreshRound, runRound, type RoundEnd } from "../../src/run/round.ts";
import { watchSecrets } from "../../src/run/watch.ts";
import { testHost } from "../rig/host.ts";
import { playedStore, type Answering } from "../rig/played-store.ts";
import { prepared, testRound } from "../rig/round.ts";
import { contentOf, temporaryFolder } from "../rig/volume.ts";

/** What the store has in one round: a value, or why there is none. */
type Has = string | FetchFailure;

interface Watched {
  /** Content of the volume after each round, the first of the init container. */
  readonly contents: readonly Readonly<Record<string, string>>[];
  readonly said: readonly string[];
  readonly sleeps: readonly number[];
}

const failure = (kind: FailureKind): FetchFailure => new FetchFailure(kind, `it is ${kind}`, "Mend it.");

/** Lets the store change from round to round, and the program stop after the last. */
async function watch(
  rounds: readonly Readonly<Record<string, Has>>[],
  change: (name: string) => Partial<FetchItem> = () => ({}),
): Promise<Watched> {
  const volume = temporaryFolder();
  const contents: Readonly<Record<string, string>>[] = [];
  const said: string[] = [];
  let current = 0;
  const names = Object.keys(rounds[0] ?? {});
  const answer =
    (name: string): Answering =>
    () => {
      const has = rounds[current]?.[name];
      if (has instanceof Error) throw has;
      return has ?? "";
    };
  const store = playedStore(Object.fromEntries(names.map((name) => [name, answer(name)])));
  const items = names.map((name) => ({
    name,
    provider: "store",
    source: { name },
    files: [{ path: name }],
    ...change(name),
  }));
  const request = await prepared(
    { version: 1, volume, providers: { store: { use: "played" } }, items, refreshSeconds: 60, deadlineSeconds: 1 },
    [store.plugin],
  );
  const host = testHost();
  const { ports, clock, stop } = testRound(host, 0.5);
  await runRound(request, ports);
  const periods: number[] = [];
  const sleep = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
    // A wait of a whole period: the round before it is over.
    if (milliseconds > 10_000) {
      periods.push(milliseconds);
      contents.push(contentOf(volume));
      if (++current === rounds.length) stop.abort();
    }
    await clock.sleep(milliseconds, signal);
  };
  const pace = { ...ports, clock: { ...clock, sleep } };
  const refresh = (): Promise<RoundEnd> => refreshRound(request, ports);
  await watchSecrets(request, pace, refresh, (line) => said.push(line));
  host.close();
  return { contents, said, sleeps: periods };
}

describe("a running pod", () => {
  test("gets a new value in the next period", async () => {
    const { contents, said } = await watch([{ a: "1" }, { a: "1" }, { a: "2" }]);
    expect(contents).toEqual([{ a: "1" }, { a: "1" }, { a: "2" }]);
    expect(said).toEqual(["pod-secrets-fetch: 1 files have a new value"]);
  });

  test("is asked for again after less than a period, by chance", async () => {
    const { sleeps } = await watch([{ a: "1" }, { a: "1" }]);
    expect(sleeps).toEqual([57_000, 57_000]);
  });

  test.each([
    { title: "from the start of one round to that of the next", seconds: 5, wait: 52_000 },
    { title: "but rests for half of that when the store is slow", seconds: 50, wait: 28_500 },
  ])("is asked for again after less than a period $title", async ({ seconds, wait }) => {
    const volume = temporaryFolder();
    const item = { name: "a", provider: "store", source: { name: "a" }, files: [{ path: "a" }] };
    const store = playedStore({ a: () => "1" });
    const request = await prepared(
      { version: 1, volume, providers: { store: { use: "played" } }, items: [item], refreshSeconds: 60 },
      [store.plugin],
    );
    const { ports, clock, stop } = testRound(testHost(), 0.5);
    const refresh = async (): Promise<RoundEnd> => {
      await clock.sleep(seconds * 1000, stop.signal);
      if (clock.sleeps.length > 2) stop.abort();
      return refreshRound(request, ports);
    };
    await watchSecrets(request, ports, refresh, () => {});
    expect(clock.sleeps).toEqual([57_000, seconds * 1000, wait, seconds * 1000]);
  });

  test("keeps the old value while the store fails, and is told once", async () => {
    const down = { a: failure("denied") };
    const { contents, said } = await watch([{ a: "1" }, down, down, down, { a: "2" }]);
    expect(contents.map(({ a }) => a)).toEqual(["1", "1", "1", "1", "2"]);
    expect(said).toEqual([
      expect.stringMatching(/^pod-secrets-fetch: fetch\/denied: secret "a" .*\(the files keep their last value\)$/),
      "pod-secrets-fetch: every secret can be had again",
      "pod-secrets-fetch: 1 files have a new value",
    ]);
  });

  test("is told again when it fails in another way", async () => {
    const { said } = await watch([{ a: "1" }, { a: failure("denied") }, { a: failure("disabled") }]);
    expect(said.map((line) => /fetch\/(\w+)/.exec(line)?.[1])).toEqual(["denied", "disabled"]);
  });

  test("is not told again when only the number of attempts is another", async () => {
    const { said } = await watch([{ a: "1" }, { a: failure("unavailable") }, { a: failure("unavailable") }]);
    expect(said).toHaveLength(1);
  });

  test("gets new values of the secrets that can be had", async () => {
    const { contents } = await watch([
      { a: "1", b: "1" },
      { a: failure("denied"), b: "2" },
    ]);
    expect(contents[1]).toEqual({ a: "1", b: "2" });
  });

  test("keeps a secret that was taken away, though it is not required", async () => {
    const { contents } = await watch([{ a: "1" }, { a: failure("not-found") }], () => ({ required: false }));
    expect(contents[1]).toEqual({ a: "1" });
  });

  test("keeps a whole env file when one of its values cannot be had", async () => {
    const env = (name: string): Partial<FetchItem> => ({ files: [], env: [{ file: "vars", key: name.toUpperCase() }] });
    const rounds = [
      { a: "1", b: "1" },
      { a: failure("denied"), b: "2" },
      { a: "3", b: "3" },
    ];
    const { contents } = await watch(rounds, env);
    expect(contents.map(({ vars }) => vars)).toEqual(["A='1'\nB='1'\n", "A='1'\nB='1'\n", "A='3'\nB='3'\n"]);
  });
});
