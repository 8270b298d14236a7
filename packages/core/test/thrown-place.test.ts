/** Where the error of an injector was thrown: told to whoever reads the log, and never with its text. */
import { describe, expect, it } from "vitest";

import { mutatePod, type Answer, type SecretInjector } from "../src/index.ts";
import { thrownPlace } from "../src/thrown-place.ts";
import { FACTS, askingPod, settingsWith } from "./fixtures.ts";

function withStack(message: string, ...frames: readonly string[]): Error {
  const error = new Error(message);
  error.stack = [`Error: ${message}`, ...frames].join("\n");
  return error;
}

describe("the place of an error", () => {
  it("is the innermost frame's file, without its folder, and line", () => {
    expect(thrownPlace(new TypeError("x"))).toMatch(/^thrown-place\.test\.ts:\d+:\d+$/);
  });

  it.each([
    ["    at inject (file:///opt/plugins/acme.mjs:12:5)", "acme.mjs:12:5"],
    ["    at /opt/plugins/acme.js:3:17", "acme.js:3:17"],
    ["    at async Acme.inject (C:\\plugins\\acme.cjs:3:17)", "acme.cjs:3:17"],
    ["inject@https://example.com/acme.js:12:5", "acme.js:12:5"],
  ])("is read from what an engine writes: %s", (frame, place) => {
    expect(thrownPlace(withStack("x", frame))).toBe(place);
  });

  it("is in the code of whoever called Node.js", () => {
    expect(
      thrownPlace(withStack("x", "    at readFileSync (node:fs:440:20)", "    at load (file:///p/acme.js:7:1)")),
    ).toBe("acme.js:7:1");
  });

  it.each([
    ["one line", "canary"],
    ["one line that ends like a frame", "mail canary@canary.js:1:1"],
    ["a line like a frame", "a\n    at canary (file:///canary.js:1:1)"],
    ["only a line like a frame", "    at canary (file:///canary.js:1:1)"],
  ])("is not from the error's text: %s", (_, message) => {
    expect(thrownPlace(withStack(message, "    at inject (file:///p/acme.js:12:5)"))).toBe("acme.js:12:5");
    expect(thrownPlace(withStack(message))).toBeUndefined();
  });

  it("is not from the error's text where the stack has that again, as with a cause", () => {
    const text = "a\n    at canary (file:///canary.js:1:1)";
    const error = withStack(text, `Caused by: Error: ${text}`, "    at inject (file:///p/acme.js:12:5)");
    expect(thrownPlace(error)).toBe("acme.js:12:5");
  });

  it.each<[string, unknown]>([
    ["no error", "canary"],
    ["an error without a stack", Object.assign(new Error("x"), { stack: undefined })],
    ["a strange stack", Object.assign(new Error("x"), { stack: { canary: true } })],
    ["a file of a strange name", withStack("x", "    at a (file:///p/can ary\u202e.js:1:1)")],
    [
      "an error that cannot be read",
      new Proxy(new Error("x"), {
        get: () => {
          throw new Error("canary");
        },
      }),
    ],
  ])("is unknown for %s", (_, error) => {
    expect(thrownPlace(error)).toBeUndefined();
  });
});

it("stands in the answer of the injector, and not in the message that the pod's creator gets", async () => {
  const thrower: SecretInjector = {
    name: "acme",
    inject: () => {
      throw withStack("canary", "    at inject (file:///opt/plugins/acme.mjs:12:5)");
    },
  };
  const mutation = await mutatePod(askingPod([{ group: "g", key: "k" }]), FACTS, settingsWith([thrower]));
  if (mutation.outcome !== "refused") throw new Error(mutation.outcome);
  const answers: readonly Answer[] = mutation.decisions[0]?.answers ?? [];
  expect(answers).toMatchObject([{ injector: "acme", code: "E_INJECTOR_FAILED", place: "acme.mjs:12:5" }]);
  expect(mutation.message).not.toContain("acme.mjs");
  expect(JSON.stringify(mutation)).not.toContain("canary");
});
