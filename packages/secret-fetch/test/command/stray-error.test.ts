/** The program with a provider of one's own that has a fault, as a process. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { FAILURES } from "../../src/failure.ts";
import { REQUEST_ENV_VAR, formatRequest } from "../../src/request.ts";
import { contentOf, temporaryFolder } from "../rig/volume.ts";

test("an error that nobody waits for ends the program as a fault of its own, and is not shown", () => {
  const volume = temporaryFolder();
  const log = join(temporaryFolder(), "termination-log");
  const program = `
    import { runProgram } from ${JSON.stringify(join(import.meta.dirname, "../../src/index.ts"))};
    const any = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
    const create = () => ({ fetch: () => { void Promise.reject(new Error("hunter2")); return new Promise(() => {}); } });
    await runProgram([{ name: "broken", settings: any, source: any, create }], "1.0.0");`;
  const request = formatRequest({
    version: 1,
    volume,
    providers: { mine: { use: "broken" } },
    items: [{ name: "a", provider: "mine", source: {}, files: [{ path: "a" }] }],
    deadlineSeconds: 3600,
    attemptSeconds: 600,
  });
  const args = ["--conditions=@pod-secrets/source", "--input-type=module", "-", "--termination-log", log];
  const env = { PATH: process.env["PATH"], [REQUEST_ENV_VAR]: request };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { input: program, encoding: "utf8", env });
  expect(stderr).toMatch(/^pod-secrets-fetch: fetch\/internal: a fault of the program itself( at \S+)?\. Fix: .*\.\n$/);
  expect({ status, stdout, termination: readFileSync(log, "utf8") }).toEqual({
    status: FAILURES.internal.exit,
    stdout: "",
    termination: stderr.trimEnd(),
  });
  expect(contentOf(volume)).toEqual({});
});
