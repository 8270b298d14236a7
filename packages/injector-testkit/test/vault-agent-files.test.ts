import { expect, test } from "vitest";

import { testPod } from "../src/pods.ts";
import { vaultAgentFiles } from "../src/vault-agent-files.ts";

const FILES = {
  "vault.hashicorp.com/agent-inject-file-a": "app/password",
  "vault.hashicorp.com/agent-inject-secret-a": "secret/data/app",
  "vault.hashicorp.com/agent-inject-file-b": "app/user",
  "example.com/agent-inject-file-c": "none",
};

test("the files of a pod are below the directory that it names for them", () => {
  const annotations = { ...FILES, "vault.hashicorp.com/secret-volume-path": "/etc/flyte/secrets" };
  expect(vaultAgentFiles(testPod({}, { annotations }))).toEqual([
    "/etc/flyte/secrets/app/password",
    "/etc/flyte/secrets/app/user",
  ]);
});

test("without one they are where the Vault Agent Injector has them by default", () => {
  expect(vaultAgentFiles(testPod({}, { annotations: FILES }))).toEqual([
    "/vault/secrets/app/password",
    "/vault/secrets/app/user",
  ]);
});

test("a pod without annotations has none", () => {
  expect(vaultAgentFiles({})).toEqual([]);
});
