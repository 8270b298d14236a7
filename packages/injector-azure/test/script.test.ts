/** What a real shell makes of the script: the arguments that the Azure CLI gets, the file, and how the container ends. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { injectionContext, openInjector, secretRequest, testPod } from "@pod-secrets/injector-testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

import plugin from "../src/index.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "azure-script-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that notes its arguments, prints what the CLI would, and fails for the given command. */
const AZ = `#!/bin/sh
for argument in "$@"; do printf '%s\\n' "$argument" >> "$CALLS"; done
echo -- >> "$CALLS"
[ "$1" = "$FAILS" ] && exit 1
[ "$1" = keyvault ] && echo value
exit 0
`;

async function run(
  group: string,
  groupVersion: string,
  fails: string,
): Promise<{ readonly status: number | null; readonly calls: readonly string[]; readonly secrets: string }> {
  const pod = testPod();
  const work = mkdtempSync(join(folder, "run-"));
  const secrets = join(work, "secrets");
  const injector = await openInjector(plugin);
  const context = injectionContext(pod, { mountRoot: secrets });
  const injection = await injector.inject(pod, secretRequest({ group, groupVersion }), context);
  if (injection.outcome !== "injected") throw new Error(injection.outcome);
  const [program = "", ...args] = injection.pod.spec?.initContainers?.[0]?.command ?? [];
  // The volume is mounted there.
  mkdirSync(secrets);
  writeFileSync(join(work, "az"), AZ);
  chmodSync(join(work, "az"), 0o755);
  writeFileSync(join(work, "token"), "the token");
  const identity = {
    AZURE_CLIENT_ID: "client",
    AZURE_TENANT_ID: "tenant",
    AZURE_FEDERATED_TOKEN_FILE: `${work}/token`,
  };
  const env = { PATH: `${work}:/usr/bin:/bin`, CALLS: join(work, "calls"), FAILS: fails, ...identity };
  const { status } = spawnSync(program, args, { env, cwd: work });
  const calls = readFileSync(env.CALLS, "utf8")
    .split("--\n")
    .filter((call) => call !== "");
  return { status, calls, secrets };
}

const VERSION = "0123456789abcdef0123456789ABCDEF";
const LOGIN = "login\n--service-principal\n-u\nclient\n-t\ntenant\n--federated-token\nthe token\n";

test.each([
  ["https://my-vault.vault.azure.net/secrets/Token", "", "token"],
  ["https://My-Vault.vault.azure.net/secrets/-a-B9", VERSION, `-a-b9/${VERSION.toLowerCase()}`],
  ["https://v12.vault.azure.cn/secrets/t/", "", "t"],
])("the CLI gets %s and version %j to the letter, and the file is %s", async (group, version, path) => {
  const { status, calls, secrets } = await run(group, version, "none");
  const id = `${group.replace(/\/$/, "")}/${version}`;
  expect(calls).toEqual([LOGIN, `keyvault\nsecret\nshow\n--id\n${id}\n--query\nvalue\n-o\ntsv\n`]);
  expect(status).toBe(0);
  expect(readFileSync(join(secrets, path), "utf8")).toBe("value\n");
});

test.each(["login", "keyvault"])("when `az %s` fails the container does, and the pod does not start", async (fails) => {
  const { status } = await run("https://my-vault.vault.azure.net/secrets/Token", "", fails);
  expect(status).not.toBe(0);
});
