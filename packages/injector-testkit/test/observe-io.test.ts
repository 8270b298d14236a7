import fs, { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";

import { observeIo } from "../src/index.ts";
import { withClockAhead } from "../src/clock-ahead.ts";

const HERE = import.meta.filename;

describe("observed work", () => {
  test("touches nothing when it computes, also over several turns", async () => {
    const { result, touched } = await observeIo(async () => {
      await Promise.resolve();
      return JSON.parse(JSON.stringify({ n: [1, 2, 3].map((n) => n ** 2) })) as unknown;
    });
    expect(result).toEqual({ n: [1, 4, 9] });
    expect(touched).toEqual([]);
  });

  test.each<[string, () => unknown]>([
    ["fs.readFileSync", () => readFileSync(HERE)],
    ["fs.existsSync", () => fs.existsSync(HERE)],
    ["fs.promises.readFile", () => readFile(HERE)],
    [
      "net.connect",
      () =>
        connect(1, "127.0.0.1")
          .on("error", () => {})
          .destroy(),
    ],
    ["globalThis.setTimeout", () => clearTimeout(setTimeout(() => {}, 1))],
    ["timers/promises.setTimeout", () => sleep(1)],
    ["globalThis.fetch", () => fetch("data:,x")],
    ["process.env.HOME", () => process.env["HOME"]],
    ["Math.random", () => Math.random()],
    ["crypto.randomUUID", () => crypto.randomUUID()],
  ])("touches %s", async (what, work) => {
    const { touched } = await observeIo(work);
    expect(touched).toContain(what);
  });

  test("is seen in the event loop where a function was taken out of its module before", async () => {
    const { readFile: taken } = fs;
    const { touched } = await observeIo(
      () =>
        new Promise((resolve) => {
          taken(HERE, resolve);
        }),
    );
    expect(touched).toContain("a FSREQCALLBACK");
  });

  test("is told from what others do meanwhile", async () => {
    const others = sleep(5).then(() => readFileSync(HERE));
    const { touched } = await observeIo(async () => {
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    });
    await others;
    expect(touched).toEqual([]);
  });

  test("leaves everything as it was, also when it fails", async () => {
    const before = [fs.readFileSync, setTimeout, process.env, Math.random, console.log];
    await expect(observeIo(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect([fs.readFileSync, setTimeout, process.env, Math.random, console.log]).toEqual(before);
    expect(readFileSync).toBe(before[0]);
  });
});

describe("a clock that is ahead", () => {
  test("shows in every way to ask for the time, and ends with the work", async () => {
    const hour = 3_600_000;
    const start = Date.now();
    const times = await withClockAhead(hour, () => [Date.now(), new Date().getTime(), Date.parse(Date())]);
    for (const time of times) expect(time - start).toBeGreaterThan(hour - 1000);
    expect(Date.now() - start).toBeLessThan(hour);
  });

  test("leaves given times alone", async () => {
    expect(await withClockAhead(1000, () => new Date(0).toISOString())).toBe("1970-01-01T00:00:00.000Z");
  });
});
