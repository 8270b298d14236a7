/** Flyte's own pods with secrets of Vault, each given by the manager whose engine all its secrets are in. */
import { readFileSync } from "node:fs";

import type { Pod } from "@pod-secrets/core";
import vaultDb from "@pod-secrets/injector-vault-db";
import vaultKv1 from "@pod-secrets/injector-vault-kv1";
import vaultKv2 from "@pod-secrets/injector-vault-kv2";
import {
  allContainers,
  normalisePod,
  runVectors,
  type Difference,
  type MutationVector,
  type VectorFile,
} from "@pod-secrets/injector-testkit";
import { describe, expect } from "vitest";

const vectors = new URL("../../../../packages/core/test/vectors/mutations.json", import.meta.url);
const file = JSON.parse(readFileSync(vectors, "utf8")) as VectorFile;

/** Engines that Flyte takes for the secrets of a vector: it reads an unknown group_version as none. */
function enginesOf({ secrets, config }: MutationVector): ReadonlySet<string> {
  return new Set(
    secrets.map(({ group_version: version = "" }) =>
      ["kv1", "kv2", "db"].includes(version) ? version : `kv${config.vaultSecretManager?.kvVersion}`,
    ),
  );
}

/** `error-on-missing-key` is our addition, on every secret with a key that is an identifier. */
function withoutErrorOnMissingKey(pod: Pod): Pod {
  const kept = Object.entries(pod.metadata?.annotations ?? {}).filter(
    ([name, value]) => !name.startsWith("vault.hashicorp.com/error-on-missing-key-fs-") || value !== "true",
  );
  return { ...pod, metadata: { ...pod.metadata, annotations: Object.fromEntries(kept) } };
}

const keyWithDash: Difference = {
  because: "Flyte's template does not parse when the key is no identifier",
  instead: ({ pod }) => {
    const annotations = Object.entries(pod.metadata?.annotations ?? {});
    const [, template] = annotations.find(([name]) => name.includes("agent-inject-template-")) ?? [];
    expect(template).toContain('{{- with secret "secret/data/a" -}}');
    expect(template).toContain('index .Data.data "api-key"');
  },
};

const unknownVersion: Difference = {
  because: "a group_version that is no engine is not read as another",
  instead: ({ decisions }) => {
    expect(decisions).toMatchObject([
      { outcome: "refused", answers: [{ outcome: "skipped", reason: 'group_version "v7" is not "kv2"' }] },
    ]);
  },
};

const envVar: Difference = {
  because: "env_var is honoured",
  instead: ({ pod }, { pod_out: podOut }) => {
    const path = { name: "MY_VAR", value: "/etc/flyte/secrets/foo/bar" };
    const expected = allContainers(normalisePod(podOut)).map(({ env = [] }) => [path, ...env]);
    expect(allContainers(pod).map(({ env }) => env)).toEqual(expected);
  },
};

describe.each([
  { plugin: vaultKv1, engine: "kv1", own: { unversioned: true }, without: withoutErrorOnMissingKey, differs: {} },
  {
    plugin: vaultKv2,
    engine: "kv2",
    own: { unversioned: true },
    without: withoutErrorOnMissingKey,
    differs: {
      "v1-vault-key-with-dash": keyWithDash,
      "v2-vault-key-with-dash": keyWithDash,
      "v2-vault-unknown-group-version": unknownVersion,
      "v2-vault-env-var-field-ignored": envVar,
    },
  },
  { plugin: vaultDb, engine: "db", own: {}, without: (pod: Pod) => pod, differs: {} },
])("$plugin.name", ({ plugin, engine, own, without, differs }) => {
  runVectors(plugin, file, {
    manager: "Vault",
    select: (vector) => [...enginesOf(vector)].every((name) => name === engine),
    options: ({ vaultSecretManager: { role, annotations } = {} }) => ({ ...own, role, annotations }),
    without,
    differs,
  });
});
