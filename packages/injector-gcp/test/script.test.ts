/** What a real shell makes of the script: the arguments that gcloud gets, the files, and how the container ends. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { injectionContext, openInjector, secretRequest, testPod } from "@pod-secrets/injector-testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

import plugin from "../src/index.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gcp-script-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that notes its arguments, writes the value where gcloud would, and fails for the given form of call. */
const GCLOUD = `#!/bin/sh
for argument in "$@"; do printf '%s\\n' "$argument" >> "$CALLS"; done
echo -- >> "$CALLS"
case " $FAILS " in *" $4 "*) exit 1 ;; esac
for argument in "$@"; do
  case "$argument" in --out-file=*) file="\${argument#--out-file=}"; mkdir -p "$(dirname "$file")"; printf value > "$file"; chmod 600 "$file" ;; esac
done
`;

async function run(
  group: string,
  groupVersion: string,
  fails: string,
): Promise<{ readonly status: number | null; readonly calls: readonly string[]; readonly file: string }> {
  const pod = testPod();
  const work = mkdtempSync(join(folder, "run-"));
  const context = injectionContext(pod, { mountRoot: join(work, "secrets") });
  const injector = await openInjector(plugin);
  const injection = await injector.inject(pod, secretRequest({ group, groupVersion }), context);
  if (injection.outcome !== "injected") throw new Error(injection.outcome);
  const [program = "", ...args] = injection.pod.spec?.initContainers?.[0]?.command ?? [];
  writeFileSync(join(work, "gcloud"), GCLOUD);
  chmodSync(join(work, "gcloud"), 0o755);
  const env = { PATH: `${work}:/usr/bin:/bin`, CALLS: join(work, "calls"), FAILS: fails };
  // As containers have it, whatever this process has.
  const withUmask = ["-c", 'umask 022; exec "$0" "$@"', program, ...args];
  const { status } = spawnSync("sh", withUmask, { env, cwd: work });
  const calls = readFileSync(env.CALLS, "utf8")
    .split("--\n")
    .filter((call) => call !== "");
  return { status, calls, file: `${work}/secrets/${group.toLowerCase()}/${groupVersion.toLowerCase()}` };
}

test.each([
  ["Token", "3"],
  ["A_b-C9", "latest"],
  ["_-", "Blue_1-x"],
  ["projects/1234/secrets/Main-Secret", "latest"],
  ["projects/example.com:my-project/secrets/x", "7"],
])("gcloud gets secret %s and version %s to the letter, and every user may read the file", async (group, version) => {
  const { status, calls, file } = await run(group, version, "none");
  expect(calls).toEqual([`secrets\nversions\naccess\n${group}/versions/${version}\n--out-file=${file}\n`]);
  expect(status).toBe(0);
  expect(readFileSync(file, "utf8")).toBe("value");
  expect(statSync(file).mode & 0o777).toBe(0o644);
});

test("what has no full name is asked for by its name in gcloud's own project", async () => {
  const { status, calls, file } = await run("Token", "3", "Token/versions/3");
  expect(calls).toEqual([
    `secrets\nversions\naccess\nToken/versions/3\n--out-file=${file}\n`,
    `secrets\nversions\naccess\n3\n--secret=Token\n--out-file=${file}\n`,
  ]);
  expect(status).toBe(0);
});

test("without the secret the container fails, and the pod does not start", async () => {
  const { status } = await run("Token", "3", "Token/versions/3 3");
  expect(status).not.toBe(0);
});
