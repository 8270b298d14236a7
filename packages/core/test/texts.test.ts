/** User text in messages, the names that Kubernetes takes, and the catalogue of errors. */
import { describe, expect, it } from "vitest";

import {
  ERRORS,
  SecretError,
  defineInjector,
  hasControlCharacters,
  isAnnotationKey,
  isConfigKey,
  isDnsLabel,
  isDnsSubdomain,
  isEnvName,
  isIdentifier,
  isQualifiedName,
  isSecretError,
  quoted,
  stableId,
} from "../src/index.ts";
import { isRelaxedEnvName } from "../src/grammar.ts";
import { oneLine, printable, shortened, shortenedToBytes } from "../src/printable.ts";

describe("quoted text", () => {
  it.each([
    ["plain", '"plain"'],
    ['"\\', '"\\"\\\\"'],
    ["a\nb\u0000", '"a\\nb\\u0000"'],
    ["\u202eevil\u2028", '"\\u202eevil\\u2028"'],
    ["\ud800", '"\\ud800"'],
    ["\u{e0041}\u200d", '"\\u{e0041}\\u200d"'],
    ["grüße 😀", '"grüße 😀"'],
    ["x".repeat(64), `"${"x".repeat(62)}…"`],
    ["\u0000".repeat(60), `"${"\\u0000".repeat(10)}…"`],
    [`${"x".repeat(59)}\u{e0041}x`, `"${"x".repeat(59)}…"`],
    [`${"x".repeat(61)}\n\n`, `"${"x".repeat(61)}…"`],
    [`${"x".repeat(58)}\\\\\\`, `"${"x".repeat(58)}\\\\\\\\…"`],
    ["\\".repeat(40), `"${"\\".repeat(62)}…"`],
    [`${"x".repeat(61)}😀😀`, `"${"x".repeat(61)}…"`],
  ])("of %j is %s", (text, wanted) => {
    expect(quoted(text)).toBe(wanted);
  });
});

describe("short text", () => {
  it("never ends in half a character", () => {
    expect(shortened("😀😀", 3)).toBe("😀…");
    expect(shortened("😀😀", 2)).toBe("…");
    expect(shortenedToBytes("éé", 4)).toBe("éé");
    expect(shortenedToBytes("ééé", 5)).toBe("é…");
    expect(shortenedToBytes("😀😀", 7)).toBe("😀…");
  });

  it("is one line of printable characters", () => {
    expect(printable("a\r\n\t\u001b[31m\u00ad\u200b\ufeff")).toBe(
      "a\\u000d\\u000a\\u0009\\u001b[31m\\u00ad\\u200b\\ufeff",
    );
    expect(oneLine("\n".repeat(100), 20)).toHaveLength(20);
  });
});

describe("names that Kubernetes takes", () => {
  it.each([
    [isDnsLabel, ["a", "a-b", "0", "x".repeat(63)], ["", "A", "-a", "a-", "a.b", "x".repeat(64), "a\n"]],
    [isDnsSubdomain, ["a.b-c", "x".repeat(253)], ["", ".", "a..b", "a.", "A", "a_b", "x".repeat(254)]],
    [isConfigKey, ["a", ".a", "A_b-c.d"], ["", ".", "..", "...", "..a", "a/b", "a b", "x".repeat(254)]],
    [isEnvName, ["A", "_a", "a.b", "-a", ".a"], ["", "1", "a=b", "a:b", ".", "..a", "a b", "x".repeat(1025)]],
    [
      isRelaxedEnvName,
      ["A", "1", "a:b", ".", "..a", "a b", "#", "x".repeat(1024)],
      ["", "a=b", "A\n", "é", "x".repeat(1025)],
    ],
    [isIdentifier, ["a", "_1", "A_b"], ["", "1a", "a-b", "a.b", "é"]],
    [
      isQualifiedName,
      ["a", "A_b.c", "example.com/a", "x".repeat(63)],
      ["", "-a", "a/", "/a", "a/b/c", "Ex.com/a", "x".repeat(64)],
    ],
    [isAnnotationKey, ["example.com/A", "Ex.COM/a"], ["", "a b", "__proto__", `${"x".repeat(254)}/a`]],
    [hasControlCharacters, ["\u0000", "\n", "\u007f", "\u0085", "\u009f", "\ud800"], ["", "a b", "é😀"]],
  ])("%o", (isValid, good, bad) => {
    expect(good.filter((text) => !isValid(text))).toEqual([]);
    expect(bad.filter((text) => isValid(text))).toEqual([]);
  });

  it("are decided at once, however long the text is", () => {
    const long = `${"a-".repeat(500_000)}!`;
    const start = process.threadCpuUsage();
    for (const isValid of [
      isDnsLabel,
      isDnsSubdomain,
      isConfigKey,
      isEnvName,
      isRelaxedEnvName,
      isIdentifier,
      isQualifiedName,
      isAnnotationKey,
    ])
      expect(isValid(long)).toBe(false);
    expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(500);
  });
});

describe("the error catalogue", () => {
  it.each(Object.entries(ERRORS))("explains %s", (code, { summary, why, fix }) => {
    expect(code).toMatch(/^E_[A-Z]+(_[A-Z]+)*$/);
    expect(summary).toMatch(/^[A-Z][^.\n]+$/);
    expect(why).toMatch(/^[A-Z][^\n]+\.$/);
    expect(fix).toMatch(/^[A-Z][^\n]+\.$/);
  });

  it("gives an error its fix", () => {
    expect(new SecretError("E_KEY_REQUIRED", "m").fix).toBe(ERRORS.E_KEY_REQUIRED.fix);
    expect(new SecretError("E_KEY_REQUIRED", "m", "f").fix).toBe("f");
    expect(new SecretError("acme/x", "m", "f").fix).toBe("f");
  });

  it("gives an error of an injector that was written without a fix one all the same", () => {
    const { fix } = ERRORS.E_INJECTOR_FAILED;
    // @ts-expect-error the code of an injector needs a fix; JavaScript does not see to that
    expect(new SecretError("acme/x", "m").fix).toBe(fix);
    // @ts-expect-error as above
    expect(new SecretError("toString/x", "m").fix).toBe(fix);
    expect(new SecretError("acme/x", "m", "").fix).toBe(fix);
    expect(new SecretError("E_KEY_REQUIRED", "m", "").fix).toBe(ERRORS.E_KEY_REQUIRED.fix);
  });

  it("knows its errors, of any copy of core", () => {
    expect(isSecretError(new SecretError("E_REVIEW", "m"))).toBe(true);
    expect([new Error("m"), null, "E_REVIEW", { code: "E_REVIEW" }].filter(isSecretError)).toEqual([]);
  });
});

describe("a stable id", () => {
  it("is short, and tells its parts apart", () => {
    expect(stableId("ab", "c")).toMatch(/^[0-9a-f]{20}$/);
    expect(stableId("ab", "c")).not.toBe(stableId("a", "bc"));
    expect(stableId("group", "key")).toBe("19022bdacceadad06cf8");
  });
});

describe("a plugin", () => {
  it("is data, and comes back as it is", () => {
    const plugin = { apiVersion: 1, name: "x", meta: {}, options: {}, create: () => undefined } as never;
    expect(defineInjector(plugin)).toBe(plugin);
  });
});
