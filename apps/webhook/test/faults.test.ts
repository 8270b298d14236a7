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
    ["no identifier", `${VALUE} of\na class`],
    ["longer than 63 characters", `A${"a".repeat(63)}`],
    ["empty", ""],
  ])("without the name of its class where that is %s", (_, name) => {
    class Foreign extends Error {}
    Object.defineProperty(Foreign, "name", { value: name });
    expect(faultName(new Foreign())).toBe("Error");
  });

  it.each([
    ["none", undefined],
    ["of no text", { name: [VALUE] }],
    ["null", null],
  ])("where its constructor is %s", (_, constructor) => {
    expect(faultName(Object.assign(new Error(VALUE), { constructor }))).toBe("Error");
  });

  it("where it cannot even be read", () => {
    const refuse = (): never => {
      throw new Error(VALUE);
    };
    const unreadable = Object.defineProperty(new Error(VALUE), "constructor", { get: refuse });
    const stackless = Object.defineProperty(new Error(VALUE), "stack", { get: refuse });
    expect(faultName(unreadable)).toBe("Error");
    expect(describeFault(stackless)).toEqual({ error: "Error", at: [] });
    expect(faultName(new Proxy({}, { getPrototypeOf: refuse }))).toBe("object");
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
