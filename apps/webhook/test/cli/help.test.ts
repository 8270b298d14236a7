import { join } from "node:path";
import { describe, expect, it } from "vitest";

import manifest from "../../package.json" with { type: "json" };
import { COMMANDS } from "../../src/cli/commands.ts";
import { EXIT_CODES } from "../../src/cli/exit-codes.ts";
import { commandReference } from "../../src/documents/command-reference.ts";
import { run } from "./running.ts";

const docs = join(import.meta.dirname, "..", "..", "..", "..", "docs", "cli.md");

describe("the help", () => {
  it("lists the commands and the exit codes", async () => {
    const { exit, stdout, stderr } = await run(["--help"]);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    for (const { name, summary } of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name} +${summary}`, "m"));
    for (const { code, meaning } of Object.values(EXIT_CODES))
      expect(stdout).toMatch(new RegExp(`^  ${code} +${meaning}`, "m"));
  });

  it("of a command is what it is here", async () => {
    const { stdout } = await run(["inject", "--help"]);
    await expect(stdout).toMatchFileSnapshot("golden/inject-help.txt");
  });

  it.each(COMMANDS)(
    "of $name has each flag with its meaning, choices and default, and fits a terminal",
    async (command) => {
      const { exit, stdout, stderr } = await run([command.name, "--help"]);
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
      const text = stdout.replaceAll(/\s+/g, " ");
      for (const flag of command.flags) {
        expect(text).toContain(`--${flag.name}${flag.value === undefined ? "" : ` ${flag.value}`} ${flag.summary}`);
        for (const choice of flag.choices ?? []) expect(text).toContain(choice);
        if (flag.default !== undefined) expect(text).toContain(`Default: ${flag.default}.`);
      }
      for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
    },
  );

  it.each([
    ["help", "inject"],
    ["inject", "-h"],
    ["inject", "pod.yaml", "--help"],
  ])("is there for %j as well", async (...args) => {
    expect(await run(args.filter((arg) => arg !== undefined))).toEqual(await run(["inject", "--help"]));
  });

  it.each([["help"], ["-h"], ["help", "--help"]])("of the program is there for %j as well", async (...args) => {
    expect(await run(args)).toEqual(await run(["--help"]));
  });

  it("has the version of the package", async () => {
    expect(await run(["--version"])).toEqual({ exit: 0, stdout: `${manifest.version}\n`, stderr: "" });
  });
});

describe("docs/cli.md", () => {
  it("is generated from the table of commands (to update it: npm run schema)", async () => {
    await expect(commandReference()).toMatchFileSnapshot(docs);
  });
});
