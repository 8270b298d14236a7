import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { NoAnswer, within } from "../../src/compose/time-limit.ts";

const never = (): Promise<never> => new Promise(() => {});

describe("a limit of time", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  it("lets an answer through, of whatever kind, and is over with it", async () => {
    expect(await within(1000, () => 1)).toBe(1);
    expect(await within(1000, () => Promise.resolve(2))).toBe(2);
    await expect(within(1000, () => Promise.reject(new RangeError("no")))).rejects.toThrow(RangeError);
    await expect(
      within(1000, () => {
        throw new RangeError("no");
      }),
    ).rejects.toThrow(RangeError);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("says how long it was when there is no answer", async () => {
    const failure = within(30_000, never).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(29_999);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await failure).toEqual(new NoAnswer(30_000));
    expect(new NoAnswer(30_000).message).toBe("no answer within 30 s");
  });
});

it("a process that has nothing else to do waits for the limit, and does not end before", async () => {
  const module = JSON.stringify(new URL("../../src/compose/time-limit.ts", import.meta.url).href);
  const script = `const { within } = await import(${module});
    console.log(await within(50, () => new Promise(() => {})).catch(({ message }) => message));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);

  expect(stdout).toBe("no answer within 0.05 s\n");
});
