import { describe, expect, it } from "vitest";

import { findings } from "./loaded.ts";

function laughs(first: string, levels: number): string {
  const lines = Array.from(
    { length: levels },
    (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]`,
  );
  return [`a0: &a0 ${first}`, ...lines].join("\n");
}

describe("a file with broken syntax", () => {
  it.each([
    ["an unclosed bracket", "managers: [k8s\nprofile: flyte-v1", 2],
    ["a tab for indentation", "server:\n\tport: 1", 2],
    ["two documents", "profile: flyte-v1\n---\nprofile: flyte-v2", 2],
    ["an unknown tag", "profile: !secret x", 1],
    ["an alias of nothing", "profile: flyte-v1\nserver: *nothing", 2],
  ])("is found at its line: %s", async (_, text, line) => {
    const found = await findings(text);

    expect(found.length).toBeGreaterThan(0);
    expect(found.every((finding) => finding.includes("E_CONFIG_SYNTAX"))).toBe(true);
    expect(found[0]).toMatch(new RegExp(`^${line}:`));
  });

  it("says what to do about a second document", async () => {
    expect(await findings("profile: flyte-v1\n---\nprofile: flyte-v2")).toEqual([
      "2:1 E_CONFIG_SYNTAX a second document starts here, and a config is one. Fix: Remove it, or put it into a file of its own.",
    ]);
  });

  it("shows the first places of a file that is something else, and counts the others", async () => {
    const found = await findings("- @x\n".repeat(500));
    expect(found).toHaveLength(21);
    expect(found.at(-1)).toMatch(/^21:\d+ E_CONFIG_SYNTAX 480 more places are no YAML\. Fix: /);
  });

  it.each([
    ["nine to the thirtieth entries", laughs("[x]", 30)],
    ["as many empty ones", laughs("[]", 30)],
    ["an entry of itself", "managers: &a [*a]"],
  ])("does not multiply by aliases: %s", async (_, text) => {
    const start = process.threadCpuUsage();

    expect(await findings(text)).toEqual([
      "1:1 E_CONFIG_SYNTAX it is too large with its aliases written out. Fix: Correct the YAML here.",
    ]);
    expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(1000);
  });

  it.each([
    ["lists", `managers: ${"[".repeat(20_000)}`, "1:210"],
    ["closed lists", `managers: ${"[".repeat(20_000)}${"]".repeat(20_000)}`, "1:210"],
    ["mappings", `global:\n  ${"{a: ".repeat(20_000)}`, "2:799"],
    ["items on one line", `managers:\n${"- ".repeat(20_000)}`, "2:399"],
    ["indented keys", Array.from({ length: 1000 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"), "201:201"],
  ])("is found where it gets too deep: %s", async (_, text, place) => {
    expect(await findings(text)).toEqual([
      `${place} E_CONFIG_SYNTAX it is nested deeper than 200 levels. Fix: Correct the YAML here.`,
    ]);
  });

  it("is too deep with its aliases written out", async () => {
    const link = (level: number): string => `a${level + 1}: &a${level + 1} ${"[".repeat(9)}*a${level}${"]".repeat(9)}`;
    const text = ["a0: &a0 []", ...Array.from({ length: 30 }, (_, level) => link(level))].join("\n");

    expect(await findings(text)).toEqual([
      "1:1 E_CONFIG_SYNTAX it is nested deeper than 200 levels. Fix: Correct the YAML here.",
    ]);
  });

  it("names a key that is there twice, and still checks the rest", async () => {
    expect(await findings("profile: flyte-v1\nprofile: flyte-v9\nlgo: {}\n")).toEqual([
      '2:1 E_CONFIG_SYNTAX key "profile" is there twice. Fix: Keep one of them.',
      '2:10 E_CONFIG_VALUE key "profile" must be one of flyte-v1, flyte-v2. Fix: Did you mean flyte-v1?',
      expect.stringContaining('3:1 E_CONFIG_UNKNOWN_KEY unknown key "lgo". Fix: Did you mean log?'),
    ]);
  });
});
