import { describe, expect, it } from "vitest";

import { describeFault, faultName } from "../src/faults.ts";

const VALUE = "s3cr3t";

describe("a fault is told", () => {
  it("by its class and its frames, without its text", () => {
    const { error, at } = describeFault(new RangeError(VALUE));
    expect(error).toBe("RangeError");
    expect(at[0]).toMatch(/^at .*faults\.test\.ts:\d+:\d+\)?$/);
    expect(at.join()).not.toContain(VALUE);
  });

  it("without the lines of a text of several lines", () => {
    const { at } = describeFault(new Error(`first\n${VALUE}\n    at ${VALUE}`));
    expect(at.length).toBeGreaterThan(0);
    expect(at.join()).not.toContain(VALUE);
  });

  it("by ten frames of 200 characters at most", () => {
    const fault = new Error("deep");
    fault.stack = Array.from({ length: 50 }, () => `    at ${"f".repeat(500)} (file.js:1:1)`).join("\n");
    const { at } = describeFault(fault);
    expect(at).toHaveLength(10);
    expect(Math.max(...at.map((frame) => frame.length))).toBe(200);
  });

  it.each([
    [VALUE, "string"],
    [undefined, "undefined"],
    [{ message: VALUE, stack: VALUE }, "object"],
  ])("by its type where it is no error", (thrown, type) => {
    expect(describeFault(thrown)).toEqual({ error: type, at: [] });
    expect(faultName(thrown)).toBe(type);
  });
});
