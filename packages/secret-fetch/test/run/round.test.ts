import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { FetchFailure, type FailureKind } from "../../src/failure.ts";
import type { FetchItem, FetchRequest } from "../../src/request.ts";
import { runRound, type RoundEnd } from "../../src/run/round.ts";
import { testHost } from "../rig/host.ts";
import { playedStore, type Answering, type PlayedStore } from "../rig/played-store.ts";
import { prepared, testRound } from "../rig/round.ts";
import { contentOf, temporaryFolder } from "../rig/volume.ts";

interface Played {
  readonly end: RoundEnd;
  readonly volume: string;
  readonly store: PlayedStore;
}

const item = (name: string, change: Partial<FetchItem> = {}): FetchItem => ({
  name,
  provider: "store",
  source: { name },
  files: [{ path: name }],
  ...change,
});

async function play(
  secrets: Readonly<Record<string, Answering>>,
  items: readonly FetchItem[],
  change: Partial<FetchRequest> = {},
  volume = temporaryFolder(),
): Promise<Played> {
  const store = playedStore(secrets);
  const request = { version: 1, volume, providers: { store: { use: "played" } }, items, ...change } as const;
  const host = testHost();
  const end = await runRound(await prepared(request, [store.plugin]), testRound(host).ports);
  host.close();
  return { end, volume, store };
}

const failing =
  (kind: FailureKind): Answering =>
  () => {
    throw new FetchFailure(kind, `it is ${kind}`, "Mend it.");
  };

describe("a round", () => {
  test("fetches every secret and writes every file", async () => {
    const { end, volume } = await play({ a: () => "1", b: () => "2" }, [
      item("a"),
      item("b", { files: [{ path: "x/b" }] }),
    ]);
    expect(end).toEqual({ written: 2, exit: 0 });
    expect(contentOf(volume)).toEqual({ a: "1", x: "/", "x/b": "2" });
  });

  test("fetches a secret once, to however many places it goes", async () => {
    const items = [
      item("a", { files: [{ path: "p" }, { path: "q" }], env: [{ file: "env", key: "A" }] }),
      item("again", { source: { name: "a" }, files: [{ path: "r" }] }),
    ];
    const { store, volume } = await play({ a: () => "1" }, items);
    expect(store.asked).toEqual(["a"]);
    expect(store.made()).toBe(1);
    expect(contentOf(volume)).toEqual({ p: "1", q: "1", r: "1", env: "A='1'\n" });
  });

  test("has no more calls open than it may, and all of those that it may", async () => {
    let open = 0;
    let most = 0;
    const full = Promise.withResolvers<void>();
    const answer: Answering = async () => {
      most = Math.max(most, ++open);
      if (open === 3) full.resolve();
      await full.promise;
      open--;
      return "v";
    };
    const names = ["a", "b", "c", "d", "e", "f", "g"];
    await play(
      Object.fromEntries(names.map((name) => [name, answer])),
      names.map((name) => item(name)),
      { concurrency: 3 },
    );
    expect(most).toBe(3);
  });

  test("makes the folders that it is asked for", async () => {
    const { volume } = await play({}, [], { folders: ["k8s/group"] });
    expect(contentOf(volume)).toEqual({ k8s: "/", "k8s/group": "/" });
  });

  test("joins the lines of an env file, in the order of the request", async () => {
    const env = (key: string): Partial<FetchItem> => ({ files: [], env: [{ file: "vars", key }] });
    const { volume } = await play({ a: () => "1", b: () => "2\n3" }, [item("b", env("B")), item("a", env("A"))]);
    expect(contentOf(volume)).toEqual({ vars: "B='2\n3'\nA='1'\n" });
  });

  test("goes on after a failure that went away", async () => {
    let calls = 0;
    const { end, store } = await play(
      { a: () => (calls++ < 2 ? failing("throttled")(new AbortController().signal) : "1") },
      [item("a")],
    );
    expect(end.exit).toBe(0);
    expect(store.asked).toEqual(["a", "a", "a"]);
  });
});

describe("a secret that is not required", () => {
  test("is left out when there is none", async () => {
    const { end, volume } = await play({ a: () => "1", b: failing("not-found") }, [
      item("a"),
      item("b", { required: false }),
    ]);
    expect(end).toEqual({ written: 1, exit: 0 });
    expect(contentOf(volume)).toEqual({ a: "1" });
  });

  test("leaves its env file there, which the kubelet wants even for optional vars", async () => {
    const { volume } = await play({ b: failing("not-found") }, [
      item("b", { required: false, files: [], env: [{ file: "vars", key: "B" }] }),
    ]);
    expect(contentOf(volume)).toEqual({ vars: "" });
  });

  test("may be empty as an env var: the kubelet then leaves it out", async () => {
    const { end, volume } = await play({ b: () => "" }, [
      item("b", { required: false, files: [], env: [{ file: "vars", key: "B" }] }),
    ]);
    expect(end.exit).toBe(0);
    expect(contentOf(volume)).toEqual({ vars: "" });
  });

  test.each<FailureKind>(["denied", "unavailable", "disabled"])(
    "stops the pod all the same when it is %s",
    async (kind) => {
      const { end, volume } = await play({ b: failing(kind) }, [item("b", { required: false })]);
      expect(end.report).toContain(`fetch/${kind}: secret "b"`);
      expect(contentOf(volume)).toEqual({});
    },
  );

  test("is required all the same when another item requires it", async () => {
    const { end } = await play({ b: failing("not-found") }, [
      item("b", { required: false }),
      item("b", { files: [{ path: "c" }] }),
    ]);
    expect(end.exit).toBe(13);
  });
});

describe("when one secret fails", () => {
  test("nothing is written, and the line names it, its provider, cause and fix", async () => {
    const { end, volume } = await play({ a: () => "1", b: failing("denied") }, [item("a"), item("b")]);
    expect(end).toEqual({
      written: 0,
      exit: 12,
      report: 'pod-secrets-fetch: fetch/denied: secret "b" from store (played): it is denied. Fix: Mend it.',
    });
    expect(contentOf(volume)).toEqual({});
  });

  test("files of an earlier run stay as they are", async () => {
    const volume = temporaryFolder();
    writeFileSync(join(volume, "a"), "earlier");
    await play({ a: () => "1", b: failing("denied") }, [item("a"), item("b")], {}, volume);
    expect(contentOf(volume)).toEqual({ a: "earlier" });
  });

  test("others are not tried again, and all that failed are named", async () => {
    const { end, store } = await play({ a: failing("denied"), b: failing("unavailable"), c: () => "1" }, [
      item("a"),
      item("b"),
      item("c"),
    ]);
    expect(store.asked.toSorted()).toEqual(["a", "b", "c"]);
    expect(end.exit).toBe(12);
    expect(end.report).toBe(
      "pod-secrets-fetch: 2 of 3 secrets cannot be had: " +
        '(1) fetch/denied: secret "a" from store (played): it is denied. Fix: Mend it. ' +
        '(2) fetch/unavailable: secret "b" from store (played): it is unavailable. Fix: Mend it.',
    );
  });

  test("fifty are told in one line that the kubelet takes whole", async () => {
    const names = Array.from({ length: 50 }, (_value, index) => `${index}-${"é".repeat(60)}`);
    const items = names.map((name, index) => item(name, { files: [{ path: `f${index}` }] }));
    const { end } = await play(Object.fromEntries(names.map((name) => [name, failing("denied")])), items);
    expect(Buffer.byteLength(end.report ?? "")).toBeLessThanOrEqual(4096);
    expect(end.report).not.toContain("\n");
    expect(end.report).toMatch(/^pod-secrets-fetch: 50 of 50 secrets cannot be had: \(1\) fetch\/denied: /);
  });

  test("a cause of many lines becomes one", async () => {
    const forged: Answering = () => {
      throw new FetchFailure("denied", "no\npod-secrets-fetch: all is well\u202e", "Ask\r\nsomebody.");
    };
    const { end } = await play({ a: forged }, [item("a")]);
    expect(end.report).not.toMatch(/[\n\r\u202e]/);
  });

  test("an answer that is no bytes is a fault of the provider", async () => {
    const { end } = await play({ a: () => 5 as never }, [item("a")]);
    expect(end).toMatchObject({ exit: 70, report: expect.stringContaining("fetch/internal") });
  });

  test("a value that is too large is refused", async () => {
    const { end } = await play({ a: () => "12345" }, [item("a")], { maxBytes: 4 });
    expect(end).toMatchObject({ exit: 16, report: expect.stringContaining("the value has more than 4 bytes") });
  });

  test("an env file is not written with a value that the kubelet would misread", async () => {
    const env = { env: [{ file: "vars", key: "A" }] };
    const { end, volume } = await play({ a: () => "it's" }, [item("a", env)]);
    expect(end).toMatchObject({ exit: 16, report: expect.stringContaining("it has a single quote") });
    expect(end.report).not.toContain("it's");
    expect(contentOf(volume)).toEqual({});
  });
});
