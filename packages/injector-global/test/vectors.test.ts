import { readFileSync } from "node:fs";

import { runVectors, type Difference, type VectorFile } from "@pod-secrets/injector-testkit";
import { expect } from "vitest";

import plugin from "../src/index.ts";
import { openGlobal } from "./open-global.ts";
import { writeFiles } from "./secret-volume.ts";
import { secretsDirectory } from "./secrets-directory.ts";

const text = readFileSync(new URL("../../core/test/vectors/mutations.json", import.meta.url), "utf8");

const envVar: Difference = {
  because: "env_var is honoured",
  instead: ({ pod }) => expect(pod.spec?.containers[0]?.env).toContainEqual({ name: "MY_VAR", value: "v" }),
};

const noWayOut: Difference = {
  because: "no group leads out of the directory",
  instead: ({ pod, decisions }) => {
    expect(decisions).toMatchObject([{ outcome: "refused", answers: [{ outcome: "skipped" }] }]);
    expect(JSON.stringify([pod, decisions])).not.toContain("LEAK");
  },
};

runVectors(plugin, JSON.parse(text) as VectorFile, {
  manager: "Global",
  create: async ({ config }) => {
    const root = secretsDirectory({ "secrets/group/other": "" });
    const directory = `${root}/secrets`;
    writeFiles(directory, texts(config.webhook_files_under_secrets_prefix));
    return [await openGlobal({ env: texts(config.webhook_process_env), directory })];
  },
  differs: {
    "v1-global-env-var-field-ignored": envVar,
    "v2-global-env-var-field-ignored": envVar,
    "v1-global-path-traversal": noWayOut,
  },
});

function texts(entries: Readonly<Record<string, string | undefined>> = {}): Readonly<Record<string, string>> {
  return entries as Readonly<Record<string, string>>;
}
