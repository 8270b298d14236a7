import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";

import { FAILURES, FetchFailure, type FailureKind } from "../../src/failure.ts";
import { readRetryAfter } from "../../src/ports/retry-after.ts";
import { backoff } from "../../src/run/backoff.ts";
import { fetchOne, type FetchResult, type RoundTime } from "../../src/run/fetch-one.ts";
import { testClock, type TestClock } from "../rig/test-clock.ts";

const VALUE = Uint8Array.of(1, 2, 3);
const fail = (kind: FailureKind, retryAfter?: number): never => {
  throw new FetchFailure(kind, `${kind} now`, "Wait.", { retryAfter });
};

function timeOf(clock: TestClock, change: Partial<RoundTime> = {}): RoundTime {
  const never = new AbortController().signal;
  return { clock, end: 60_000, attempt: 10_000, stop: never, lost: never, random: () => 1, ...change };
}

/** Fails with these kinds, one after the other, and then succeeds. */
function failing(...kinds: readonly FailureKind[]): () => Promise<Uint8Array> {
  const left = [...kinds];
  return async () => {
    const kind = left.shift();
    return kind === undefined ? VALUE : fail(kind);
  };
}

const kindOf = (result: FetchResult): string => (result.outcome === "failed" ? result.failure.kind : result.outcome);

describe("a failure that may go away", () => {
  test.each(["throttled", "unavailable", "timeout"] as const)("is tried again: %s", async (kind) => {
    const clock = testClock();
    await expect(fetchOne(failing(kind, kind), timeOf(clock))).resolves.toEqual({ outcome: "fetched", value: VALUE });
    expect(clock.sleeps).toEqual([200, 400]);
  });

  const final = Object.entries(FAILURES).flatMap(([kind, { retried }]) => (retried ? [] : [kind as FailureKind]));
  test.each(final)("is not, when it is %s", async (kind) => {
    const clock = testClock();
    await expect(fetchOne(failing(kind), timeOf(clock))).resolves.toMatchObject({ outcome: "failed", attempts: 1 });
    expect(clock.sleeps).toEqual([]);
  });

  test("is tried until the deadline, and then is what is told", async () => {
    const clock = testClock();
    const result = await fetchOne(() => fail("unavailable"), timeOf(clock));
    expect(result).toMatchObject({ outcome: "failed", failure: { kind: "unavailable" } });
    const waited = clock.sleeps.reduce((sum, wait) => sum + wait, 0);
    expect(waited).toBeLessThan(60_000);
    expect(result).toMatchObject({ attempts: clock.sleeps.length + 1 });
  });

  test("waits as long as the store asks for", async () => {
    const clock = testClock();
    let calls = 0;
    await fetchOne(async () => (calls++ === 0 ? fail("throttled", 7000) : VALUE), timeOf(clock));
    expect(clock.sleeps).toEqual([7000]);
  });

  test("is not waited for when the store asks for more than there is", async () => {
    const clock = testClock();
    const result = await fetchOne(() => fail("throttled", 61_000), timeOf(clock));
    expect(result).toMatchObject({ outcome: "failed", attempts: 1, failure: { kind: "throttled" } });
    expect(clock.sleeps).toEqual([]);
  });

  test("is not tried again once the round is lost", async () => {
    const lost = new AbortController();
    const clock = testClock();
    const attempt = async (): Promise<Uint8Array> => {
      lost.abort();
      return fail("unavailable");
    };
    await expect(fetchOne(attempt, timeOf(clock, { lost: lost.signal }))).resolves.toMatchObject({ attempts: 1 });
  });
});

describe("time", () => {
  test("of an attempt ends it, also when the provider does not care", async () => {
    const clock = testClock();
    const attempt = async (): Promise<Uint8Array> => {
      queueMicrotask(() => clock.expire());
      return new Promise(() => {});
    };
    const result = await fetchOne(attempt, timeOf(clock, { end: 10_000 }));
    expect(kindOf(result)).toBe("timeout");
  });

  test("that runs out says what failed before, and not that it ran out", async () => {
    const clock = testClock();
    let calls = 0;
    const attempt = async (): Promise<Uint8Array> => {
      if (calls++ === 0) return fail("unavailable");
      queueMicrotask(() => clock.expire());
      return new Promise(() => {});
    };
    const result = await fetchOne(attempt, timeOf(clock, { end: 5000 }));
    expect(result).toMatchObject({ attempts: 2, failure: { kind: "unavailable" } });
  });

  test("is over at once when the program is told to stop", async () => {
    const stop = new AbortController();
    const attempt = async (): Promise<Uint8Array> => {
      queueMicrotask(() => stop.abort());
      return new Promise(() => {});
    };
    const result = await fetchOne(attempt, timeOf(testClock(), { stop: stop.signal }));
    expect(kindOf(result)).toBe("interrupted");
  });
});

describe("signals that outlive a secret", () => {
  test.each<[string, () => Promise<Uint8Array>]>([
    ["is fetched", failing()],
    ["is fetched in the end", failing("throttled", "timeout")],
    ["fails", failing("denied")],
    ["is late", () => Promise.reject(new FetchFailure("timeout", "late", "Wait."))],
  ])("keep nothing of it when it %s", async (_when, attempt) => {
    const [stop, lost] = [new AbortController().signal, new AbortController().signal];
    await fetchOne(attempt, timeOf(testClock(), { stop, lost }));
    expect([...getEventListeners(stop, "abort"), ...getEventListeners(lost, "abort")]).toEqual([]);
  });
});

describe("what a provider must not throw", () => {
  test.each([new Error("password=hunter2"), new TypeError("x"), "hunter2", undefined])(
    "%o is told without its text",
    async (thrown) => {
      const result = await fetchOne(() => Promise.reject(thrown), timeOf(testClock()));
      expect(result).toMatchObject({ failure: { kind: "internal" }, attempts: 1 });
      expect(JSON.stringify(result)).not.toContain("hunter2");
    },
  );
});

describe("the wait", () => {
  test("is anything up to a bound that doubles, and never more than ten seconds", () => {
    expect([1, 2, 3, 6, 7, 1000].map((attempts) => backoff(attempts, () => 1))).toEqual([
      200, 400, 800, 6400, 10_000, 10_000,
    ]);
    expect(backoff(5, () => 0)).toBe(0);
  });

  const NOW = Date.UTC(2026, 0, 1, 12);
  test.each([
    ["3", 3000],
    ["0", 0],
    ["Thu, 01 Jan 2026 12:00:05 GMT", 5000],
    ["Thu, 01 Jan 2026 11:00:00 GMT", 0],
    ["99999999", 3_600_000],
    ["-1", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["2026-01-01", undefined],
    [undefined, undefined],
  ])("Retry-After: %s is %s ms", (header, milliseconds) => {
    expect(readRetryAfter(header, NOW)).toBe(milliseconds);
  });
});
