import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { runCommand } from "../../src/command/run.ts";
import { FAILURES } from "../../src/failure.ts";
import type { ProviderPlugin } from "../../src/provider.ts";
import { builtInProviders } from "../../src/providers/built-in.ts";
import { REQUEST_ENV_VAR } from "../../src/request.ts";
import { temporaryFolder } from "../rig/volume.ts";

interface Ended {
  readonly exit: number;
  readonly said: readonly string[];
  readonly out: string;
  readonly termination: string | undefined;
}

async function run(
  request: string | undefined,
  args: readonly string[] = [],
  plugins: readonly ProviderPlugin[] = builtInProviders,
): Promise<Ended> {
  const log = join(temporaryFolder(), "termination-log");
  const said: string[] = [];
  let out = "";
  const exit = await runCommand(plugins, {
    args: [...args, "--termination-log", log],
    env: request === undefined ? {} : { [REQUEST_ENV_VAR]: request },
    version: "1.2.3",
    stop: new AbortController().signal,
    out: (text) => void (out += text),
    say: (line) => said.push(line),
  });
  return { exit, said, out, termination: existsSync(log) ? readFileSync(log, "utf8") : undefined };
}

describe("the command", () => {
  test.each<[string, string | undefined, readonly string[], RegExp]>([
    ["no request", undefined, [], /there is no request: the env var POD_SECRETS_FETCH is not set/],
    ["a request that is no JSON", "{", [], /it is no JSON object/],
    [
      "a file of a request that is not there",
      undefined,
      ["--request", "/nonexistent"],
      /there is no file "\/nonexistent"/,
    ],
    ["an unknown flag", "{}", ["--wait"], /there is no flag "--wait"/],
    ["a flag without its value", "{}", ["--request"], /--request takes a value/],
    ["a flag with a value that takes none", "{}", ["--watch=yes"], /--watch takes no value/],
    ["an argument", "{}", ["request.json"], /there is no argument "request\.json"/],
  ])("takes %s for a wrong request", async (_what, request, args, message) => {
    const { exit, termination, said } = await run(request, args);
    expect(exit).toBe(FAILURES["wrong-request"].exit);
    expect(said).toEqual([expect.stringMatching(message)]);
    // Only wrong flags keep it from knowing where the message goes.
    expect(termination ?? said[0]).toBe(said[0]);
  });

  test("says where a fault of its own is, and not what it says", async () => {
    const broken = { ...builtInProviders[0], name: "broken" } as ProviderPlugin;
    const settings = { "~standard": { validate: () => Promise.reject(new Error("hunter2")) } };
    const request = { version: 1, volume: "/x", providers: { a: { use: "broken" } }, items: [] };
    const { exit, said } = await run(JSON.stringify(request), [], [{ ...broken, settings: settings as never }]);
    expect(exit).toBe(FAILURES.internal.exit);
    expect(said[0]).toMatch(
      /^pod-secrets-fetch: fetch\/internal: a fault of the program itself at run\.test\.ts:\d+:\d+\. Fix: /,
    );
    expect(said.join()).not.toContain("hunter2");
  });
});
