/** What bounds the reads of a store, with a clock that the test moves. */
import { inspect } from "node:util";

import type { Injection, SecretInjector } from "@pod-secrets/core";
import { injectionContext, secretRequest } from "@pod-secrets/injector-testkit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { secretBytes } from "../src/secret-bytes.ts";
import { OF_ORGANIZATION, OF_PROJECT, ask, envOf, labelledPod, openEmbedded } from "./admitted.ts";
import { createMemoryStore } from "./memory-store.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const REFUSED = (code: string): object => ({ outcome: "refused", code });

/** The answer, and how many milliseconds it took. */
async function timed(asking: Promise<Injection>): Promise<{ readonly answer: Injection; readonly took: number }> {
  const began = performance.now();
  const ended = asking.then((answer) => ({ answer, took: performance.now() - began }));
  await vi.runAllTimersAsync();
  return ended;
}

describe("a value that was read", () => {
  test("is not read again for a while, and then anew", async () => {
    const store = createMemoryStore({ [OF_PROJECT("token")]: "old" });
    const injector = await openEmbedded(store);
    await ask(injector, { key: "token" });
    store.secrets.set(OF_PROJECT("token"), Buffer.from("new"));

    await vi.advanceTimersByTimeAsync(59_000);
    expect(envOf(await ask(injector, { key: "token" }))["_FSEC_TOKEN"]).toBe("old");
    await vi.advanceTimersByTimeAsync(1000);
    expect(envOf(await ask(injector, { key: "token" }))["_FSEC_TOKEN"]).toBe("new");
    expect(store.asked).toEqual([OF_PROJECT("token"), OF_PROJECT("token")]);
  });

  test("is read for each pod when none is kept, and once for one pod", async () => {
    const store = createMemoryStore({ [OF_PROJECT("token")]: "value" });
    const injector = await openEmbedded(store, { cache: { seconds: 0 } });
    const pod = labelledPod();
    for (const mountRequirement of ["ENV_VAR", "FILE"] as const)
      await injector.inject(pod, secretRequest({ key: "token", mountRequirement }), injectionContext(pod));
    expect(store.asked).toHaveLength(1);
    await ask(injector, { key: "token" });
    expect(store.asked).toHaveLength(2);
  });

  test("makes room for others when there are too many, the one that was used longest ago first", async () => {
    const keys = ["a", "b", "c"];
    const store = createMemoryStore(Object.fromEntries(keys.map((key) => [OF_PROJECT(key), key])));
    const injector = await openEmbedded(store, { cache: { entries: 2 } });
    for (const key of ["a", "b", "a", "c", "a", "b"]) await ask(injector, { key });
    expect(store.asked).toEqual(["a", "b", "c", "b"].map(OF_PROJECT));
  });

  test("makes room when all of them are too large, and is not kept when it is too large alone", async () => {
    const store = createMemoryStore({
      [OF_PROJECT("a")]: "x".repeat(60),
      [OF_PROJECT("b")]: "x".repeat(60),
      [OF_PROJECT("c")]: "x".repeat(101),
    });
    const injector = await openEmbedded(store, { cache: { bytes: 100 } });
    for (const key of ["a", "b", "b", "c", "c", "a"]) await ask(injector, { key });
    expect(store.asked).toEqual(["a", "b", "c", "c", "a"].map(OF_PROJECT));
  });

  test("cannot be printed", () => {
    const value = secretBytes(Buffer.from("s3cr3t"));
    for (const text of [String(value), JSON.stringify({ value }), inspect(value, { depth: 9, showHidden: true })])
      expect(text).not.toMatch(/s3cr3t|115, ?51/);
  });
});

describe("that there is no such secret", () => {
  test("is kept for a while, a shorter one", async () => {
    const store = createMemoryStore();
    const injector = await openEmbedded(store);
    await ask(injector, { key: "token" });
    await ask(injector, { key: "token" });
    expect(store.asked).toHaveLength(3);

    await vi.advanceTimersByTimeAsync(10_000);
    store.secrets.set(OF_ORGANIZATION("token"), Buffer.from("value"));
    expect(envOf(await ask(injector, { key: "token" }))["_FSEC_TOKEN"]).toBe("value");
  });
});

describe("pods that ask at the same time", () => {
  test("for one secret wait for one read", async () => {
    const store = createMemoryStore({ [OF_PROJECT("token")]: "value" });
    const events: string[] = [];
    const injector = await openEmbedded(store, {}, { events });
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(injector, { key: "token" })));

    expect(answers.filter(({ outcome }) => outcome === "injected")).toHaveLength(50);
    expect(store.asked).toHaveLength(1);
    expect(events.filter((event) => event === "read-joined")).toHaveLength(49);
  });

  test("for more secrets than may be read at once wait for their turn", async () => {
    const keys = Array.from({ length: 20 }, (_none, index) => `key-${index}`);
    const store = createMemoryStore(Object.fromEntries(keys.map((key) => [OF_PROJECT(key), key])));
    const injector = await openEmbedded(store, { reads: { atOnce: 2 } });
    const answers = await Promise.all(keys.map((key) => ask(injector, { key })));

    expect(answers.filter(({ outcome }) => outcome === "injected")).toHaveLength(20);
    expect(store.mostAtOnce).toBe(2);
  });

  test("and whose turn does not come in time are refused", async () => {
    const store = createMemoryStore();
    store.behaviour = "hangs";
    const injector = await openEmbedded(store, { reads: { atOnce: 1, timeoutSeconds: 2 } });
    const first = ask(injector, { key: "a" });
    await vi.advanceTimersByTimeAsync(500);
    const second = ask(injector, { key: "b" });
    await vi.advanceTimersByTimeAsync(100);
    const { answer, took } = await timed(ask(injector, { key: "c" }));

    expect(answer).toMatchObject(REFUSED("embedded/busy"));
    expect(took).toBe(2000);
    expect(await Promise.all([first, second])).toMatchObject([
      REFUSED("embedded/timeout"),
      REFUSED("embedded/timeout"),
    ]);
  });
});

describe("a store that does not answer", () => {
  test.each(["hangs", "ignores its signal"] as const)(
    "is waited for so long and no longer, also when it %s",
    async (behaviour) => {
      const store = createMemoryStore();
      store.behaviour = behaviour;
      const injector = await openEmbedded(store, { reads: { timeoutSeconds: 2 } });
      const { answer, took } = await timed(ask(injector, { key: "token" }));

      expect(answer).toMatchObject(REFUSED("embedded/timeout"));
      expect(took).toBe(2000);
    },
  );

  test("is waited for by all secrets of a pod together no longer than their budget", async () => {
    const store = createMemoryStore();
    store.behaviour = "hangs";
    const injector = await openEmbedded(store, { reads: { timeoutSeconds: 2, budgetSeconds: 3, failures: 1000 } });
    const pod = labelledPod();
    const began = performance.now();
    const answers: Injection[] = [];
    const asking = (async () => {
      for (let index = 0; index < 20; index++)
        answers.push(await injector.inject(pod, secretRequest({ key: `key-${index}` }), injectionContext(pod)));
      return performance.now() - began;
    })();
    await vi.runAllTimersAsync();

    expect(new Set(answers.map((answer) => answer.outcome === "refused" && answer.code))).toEqual(
      new Set(["embedded/timeout"]),
    );
    expect(await asking).toBe(3000);
    expect(store.asked).toHaveLength(2);
  });

  test("is waited for no longer than the API server waits", async () => {
    const store = createMemoryStore();
    store.behaviour = "hangs";
    const injector = await openEmbedded(store);
    const pod = labelledPod();
    const context = injectionContext(pod, { deadline: Date.now() + 1000 });
    const { answer, took } = await timed(
      Promise.resolve(injector.inject(pod, secretRequest({ key: "token" }), context)),
    );

    expect(answer).toMatchObject(REFUSED("embedded/timeout"));
    expect(took).toBeLessThan(1000);
  });

  test("does not keep from pods what is in the cache", async () => {
    const store = createMemoryStore({ [OF_PROJECT("token")]: "value" });
    const injector = await openEmbedded(store);
    await ask(injector, { key: "token" });
    store.behaviour = "hangs";
    await timed(ask(injector, { key: "other" }));

    expect(await ask(injector, { key: "token" })).toMatchObject({ outcome: "injected" });
  });
});

describe("a store that fails several times in a row", () => {
  async function failing(
    events: string[] = [],
  ): Promise<{ injector: SecretInjector; store: ReturnType<typeof createMemoryStore> }> {
    const store = createMemoryStore({ [OF_PROJECT("token")]: "value" });
    store.behaviour = "unavailable";
    const injector = await openEmbedded(store, { reads: { failures: 3, pauseSeconds: 10 } }, { events });
    for (let index = 0; index < 3; index++)
      expect(await ask(injector, { key: "token" })).toMatchObject(REFUSED("embedded/unavailable"));
    return { injector, store };
  }

  test("is not asked for a while, and pods are refused at once", async () => {
    const { injector, store } = await failing();
    expect(await ask(injector, { key: "token" })).toMatchObject(REFUSED("embedded/paused"));
    await vi.advanceTimersByTimeAsync(9999);
    expect(await ask(injector, { key: "other" })).toMatchObject(REFUSED("embedded/paused"));
    expect(store.asked).toHaveLength(3);
  });

  test("is tried by one read after that, and works again when that does", async () => {
    const events: string[] = [];
    const { injector, store } = await failing(events);
    store.behaviour = "hangs";
    await vi.advanceTimersByTimeAsync(10_000);
    const trial = ask(injector, { key: "token" });
    expect(await ask(injector, { key: "other" })).toMatchObject(REFUSED("embedded/paused"));
    await vi.advanceTimersByTimeAsync(2000);
    expect(await trial).toMatchObject(REFUSED("embedded/timeout"));

    store.behaviour = "answers";
    expect(await ask(injector, { key: "token" })).toMatchObject(REFUSED("embedded/paused"));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await ask(injector, { key: "token" })).toMatchObject({ outcome: "injected" });
    expect(await ask(injector, { key: "other" })).toMatchObject({ outcome: "skipped" });
    expect(events.filter((event) => event.startsWith("store-"))).toEqual([
      "store-paused",
      "store-paused",
      "store-resumed",
    ]);
  });

  test.each(["denied", "disabled", "unusable-value", "not-found"] as const)(
    "is no store that answers %s: that says something of one secret",
    async (behaviour) => {
      const store = createMemoryStore();
      store.behaviour = behaviour;
      const injector = await openEmbedded(store, { reads: { failures: 3 }, cache: { absentSeconds: 0 } });
      for (let index = 0; index < 5; index++) await ask(injector, { key: "token" });
      expect(await ask(injector, { key: "token" })).not.toMatchObject(REFUSED("embedded/paused"));
    },
  );
});

test.each([
  ["denied", "embedded/denied"],
  ["unauthenticated", "embedded/denied"],
  ["disabled", "embedded/unusable-value"],
  ["throttled", "embedded/unavailable"],
  ["untrusted", "embedded/unavailable"],
  ["timeout", "embedded/timeout"],
  ["throws an error of its own", "embedded/unavailable"],
] as const)("a store that answers %s is refused as %s, and no value is told", async (behaviour, code) => {
  const store = createMemoryStore();
  store.behaviour = behaviour;
  const injector = await openEmbedded(store);
  const answer = await ask(injector, { key: "token" });

  expect(answer).toMatchObject(REFUSED(code));
  expect(JSON.stringify(answer)).not.toContain("s3cr3t");
});

test("an injector that is disposed of lets nobody wait, and keeps no value", async () => {
  const store = createMemoryStore({ [OF_PROJECT("token")]: "value" });
  const injector = await openEmbedded(store);
  store.behaviour = "hangs";
  const waiting = ask(injector, { key: "token" });
  await injector.dispose?.();

  expect(await waiting).toMatchObject({ outcome: "refused" });
});
