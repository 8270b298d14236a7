import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";

import { followFileBundle } from "../../src/registration/file-bundle.ts";
import { collectLog } from "../certificates/managed/collected-log.ts";

interface Files {
  bundle: string | undefined;
  readonly published: string[];
  /** The registration holds what was given. */
  hold(): void;
  readonly look: () => Promise<void>;
}

const HOUR = 3_600_000;

/** Files with the bundle "first", and a registration that takes its time. */
function follow(interval = HOUR, read?: () => Promise<string | undefined>): Files {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const waiting: (() => void)[] = [];
  const files: Omit<Files, "look"> = {
    bundle: "first",
    published: [],
    hold: () => waiting.splice(0).forEach((resolve) => resolve()),
  };
  const publish = (bundle: string): Promise<void> =>
    new Promise((resolve) => {
      files.published.push(bundle);
      waiting.push(resolve);
    });
  const look = followFileBundle("first", {
    read: read ?? (async () => files.bundle),
    publish,
    log: collectLog().log,
    signal: stop.signal,
    interval,
  });
  return Object.assign(files, { look });
}

const soon = (look: Promise<void>): Promise<string> =>
  Promise.race([look.then(() => "published"), sleep(30, "not yet")]);

describe("the CA of a certificate in files", () => {
  test("is published at the start, and a look waits for that", async () => {
    const files = follow();
    expect(files.published).toEqual(["first"]);
    const look = files.look();
    expect(await soon(look)).toBe("not yet");
    files.hold();
    expect(await soon(look)).toBe("published");
    expect(files.published).toEqual(["first"]);
  });

  test("is published once when it has changed, by itself", async () => {
    const files = follow(5);
    files.hold();
    files.bundle = "second";
    await expect.poll(() => files.published).toEqual(["first", "second"]);
    await sleep(30);
    expect(files.published).toEqual(["first", "second"]);
  });

  test("is waited for by a look that comes after another one has given it", async () => {
    const files = follow(5);
    files.hold();
    files.bundle = "second";
    await expect.poll(() => files.published).toEqual(["first", "second"]);
    const look = files.look();
    expect(await soon(look)).toBe("not yet");
    files.hold();
    expect(await soon(look)).toBe("published");
  });

  test("is not replaced by an older one that was read more slowly", async () => {
    const texts = ["second", "third"];
    const times = [20, 0];
    const files = follow(HOUR, async () => {
      const text = texts.shift();
      await sleep(times.shift());
      return text;
    });
    const looks = [files.look(), files.look()];
    await expect.poll(() => files.published.length).toBe(3);
    expect(files.published).toEqual(["first", "second", "third"]);
    files.hold();
    await Promise.all(looks);
  });

  test("stays when the file has gone", async () => {
    const files = follow();
    files.hold();
    files.bundle = undefined;
    await files.look();
    expect(files.published).toEqual(["first"]);
  });

  test("keeps no process alive", async () => {
    const module = JSON.stringify(new URL("../../src/registration/file-bundle.ts", import.meta.url).href);
    const program = `
      const { followFileBundle } = await import(${module});
      followFileBundle("first", {
        read: async () => "first", publish: async () => {}, log: {}, signal: new AbortController().signal,
      });
      console.log("following");`;
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { timeout: 8000 });
    expect((await run).stdout).toBe("following\n");
  });
});
