import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readCommandLine } from "../../src/cli/command-line.ts";
import type { Invocation } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { AppError } from "../../src/errors.ts";
import { run } from "./running.ts";

function invocation(...args: readonly string[]): Invocation {
  const request = readCommandLine(args, COMMANDS);
  if (request.kind !== "run") throw new Error(`it is a request for ${request.kind}`);
  return request.invocation;
}

describe("the arguments", () => {
  it("give a flag its value in every way that is customary", () => {
    for (const args of [["-o", "json"], ["-ojson"], ["--output", "json"], ["--output=json"]]) {
      expect(invocation("inject", ...args, "pod.yaml").value("output")).toBe("json");
    }
  });

  it("may mix flags and files in any order", () => {
    const given = invocation("inject", "a.yaml", "--namespace", "ns", "-", "-c", "config.yaml", "b.yaml");
    expect(given.positionals).toEqual(["a.yaml", "-", "b.yaml"]);
    expect([given.value("namespace"), given.value("config")]).toEqual(["ns", "config.yaml"]);
  });

  it("end their flags with --, so that a file may start with a dash", () => {
    expect(invocation("inject", "--", "-o.yaml").positionals).toEqual(["-o.yaml"]);
  });

  it("take the last of a flag given twice", () => {
    expect(invocation("inject", "-o", "json", "-o", "diff", "pod.yaml").value("output")).toBe("diff");
  });

  it("leave out what is not given", () => {
    const given = invocation("inject", "pod.yaml");
    expect([given.value("output"), given.isOn("review")]).toEqual([undefined, false]);
  });
});

describe("wrong use", () => {
  it.each([
    [[], "no command is given. Fix: Run `pod-secrets --help`"],
    [["injekt"], 'there is no command "injekt". Fix: Did you mean inject?'],
    [["frobnicate"], "Fix: Use one of: serve, init-certs, manifest, unregister, inject, explain, validate, injectors."],
    [["--config", "x"], '"--config" stands before the command'],
    [["help", "explian"], "Did you mean explain?"],
    [["inject", "--profil", "flyte-v1", "x"], 'inject has no flag "--profil". Fix: Did you mean --profile?'],
    [["inject", "-x", "x"], 'inject has no flag "-x". Fix: Run `pod-secrets inject --help`'],
    [["inject", "x", "--config"], "--config has no value. Fix: Write --config FILE."],
    [["inject", "--config", "--review", "x"], "--config has no value"],
    [["inject", "--config=", "x"], "--config has no value"],
    [["inject", "--review=yes", "x"], "--review takes no value"],
    [["inject", "-o", "yml", "x"], '-o cannot be "yml". Fix: Did you mean yaml? Use one of: yaml, json, patch, diff.'],
    [["inject", "--profile", "v1", "x"], '--profile cannot be "v1". Fix: Use one of: flyte-v1, flyte-v2.'],
    [["inject"], "inject needs a FILE"],
    [["inject", "--review", "-o", "json", "x"], "--review and --output exclude each other"],
    [["inject", "--review", "-n", "team", "x"], "--review and --namespace exclude each other"],
    [["serve", "config.yaml"], 'serve takes no argument, and got "config.yaml"'],
  ])("%j ends with 2 and says how to mend it", async (args, message) => {
    const { exit, stdout, stderr } = await run(args);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^pod-secrets: E_USAGE: .+\. Fix: .+\.\n$/);
  });

  it("never ends otherwise than with E_USAGE, whatever is typed", () => {
    const word = fc.oneof(
      fc.constantFrom(...COMMANDS.flatMap(({ name, flags }) => [name, ...flags.map((flag) => `--${flag.name}`)])),
      fc.constantFrom("-", "--", "-o", "-oyaml", "--__proto__", "--constructor=1", "--help", "-h"),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (args) => {
        try {
          readCommandLine(args, COMMANDS);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect(error).toMatchObject({ code: "E_USAGE", message: expect.not.stringMatching(/\p{Cc}/u) });
        }
      }),
      { numRuns: 10_000 },
    );
  }, 60_000);
});
