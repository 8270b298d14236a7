import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { openLog } from "../../src/telemetry/log.ts";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "log-"));
  file = join(directory, "log");
});
afterEach(() => rmSync(directory, { recursive: true }));

function lines(): readonly Record<string, unknown>[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("a line", () => {
  test("that comes while others are being written is not lost at the end", async () => {
    const log = openLog("info", file);
    await sleep(20);
    // A write begins with more than 8 kB, and what comes after it is less.
    for (let line = 0; line < 90; line += 1) log.info("one of many, long enough to be written at once");
    log.info("last");
    await log.close();
    expect(lines()).toHaveLength(91);
    expect(lines().at(-1)).toMatchObject({ message: "last" });
  });
  test("is one JSON object with level, time and message", async () => {
    const log = openLog("info", file);
    log.warn("something\nin two lines", { port: 1, names: ["a", "b"], none: undefined });
    await sleep(20);
    await log.flush();
    expect(lines()).toEqual([
      {
        level: "warn",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        message: "something\nin two lines",
        port: 1,
        names: ["a", "b"],
      },
    ]);
    expect(readFileSync(file, "utf8").split("\n")).toHaveLength(2);
  });
  test("below the level is not written, and the level can change", async () => {
    const log = openLog("warn", file);
    log.info("no");
    log.setLevel("debug");
    log.debug("yes");
    log.setLevel("silent");
    log.error("no");
    await sleep(20);
    await log.flush();
    expect(lines().map(({ message }) => message)).toEqual(["yes"]);
  });
  test("is written within moments, without being asked for", async () => {
    openLog("info", file).info("soon");
    await expect.poll(() => lines().length, { timeout: 2000 }).toBe(1);
  });
  test("never holds what stands under a name for values", async () => {
    const log = openLog("info", file);
    for (const field of ["value", "data", "secret", "password", "token", "patch", "object", "body"]) {
      log.info("careless", { [field]: "s3cr3t" });
    }
    await sleep(20);
    await log.flush();
    expect(lines()).toHaveLength(8);
    expect(readFileSync(file, "utf8")).not.toContain("s3cr3t");
  });
});

describe("a reader that does not read", () => {
  test("holds nobody up: lines are dropped and counted", async () => {
    execFileSync("mkfifo", [file]);
    const fifo = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
    const log = openLog("info", fifo);
    const text = "x".repeat(1000);
    const started = performance.now();
    for (let count = 0; count < 10_000; count++) log.info(text);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(log.dropped()).toBeGreaterThan(1000);
    // Somebody reads again, and what waited comes.
    const dropped = log.dropped();
    let read = 0;
    const buffer = Buffer.alloc(1 << 20);
    await expect
      .poll(
        () => {
          try {
            read += readSync(fifo, buffer);
          } catch {
            // Nothing there yet.
          }
          return read;
        },
        { timeout: 20_000, interval: 20 },
      )
      .toBeGreaterThan(3_000_000);
    expect(log.dropped()).toBe(dropped);
    closeSync(fifo);
  }, 30_000);
});
