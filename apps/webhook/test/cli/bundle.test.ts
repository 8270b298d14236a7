/** The bundle as it is shipped. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

import type { Holder, SelfSigned } from "../../src/certificates/self-signed.ts";
import { builtCommand, runBuilt } from "./built-command.ts";

const command = builtCommand();
const HOLDER: Holder = { usage: "server", commonName: "webhook", names: ["webhook.flyte.svc"] };

test("is plain ASCII, which V8 keeps in one byte a letter", () => {
  const { contents, program } = command();
  const others = [...contents.keys()].filter((chunk) =>
    /[^\0-\x7f]/.test(readFileSync(join(dirname(program), chunk), "utf8")),
  );
  expect(others).toEqual([]);
});

test("has the program of the process that makes certificates beside the command", async () => {
  const program = join(dirname(command().program), "self-signed-process.mjs");
  const { exit, stdout } = await runBuilt(program, [], { stdin: JSON.stringify({ now: Date.now(), holder: HOLDER }) });
  expect(exit).toBe(0);
  expect((JSON.parse(stdout) as SelfSigned).ca).toMatch(/^-----BEGIN CERTIFICATE-----/);
});
