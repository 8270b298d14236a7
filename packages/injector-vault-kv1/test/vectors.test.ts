import { readFileSync } from "node:fs";

import type { Pod } from "@pod-secrets/core";
import { runVectors, type MutationVector, type VectorFile } from "@pod-secrets/injector-testkit";

import plugin from "../src/index.ts";

const text = readFileSync(new URL("../../core/test/vectors/mutations.json", import.meta.url), "utf8");

/** Which engine Flyte takes for the secrets of a vector: it reads an unknown group_version as none. */
function isOurs({ secrets, config }: MutationVector): boolean {
  const versions = secrets.map(({ group_version: version = "" }) =>
    ["kv1", "kv2", "db"].includes(version) ? version : `kv${config.vaultSecretManager?.kvVersion}`,
  );
  return versions.every((version) => version === "kv1");
}

/** `error-on-missing-key` is our addition, on every secret with a key that is an identifier. */
function withoutErrorOnMissingKey(pod: Pod): Pod {
  const kept = Object.entries(pod.metadata?.annotations ?? {}).filter(
    ([name, value]) => !name.startsWith("vault.hashicorp.com/error-on-missing-key-fs-") || value !== "true",
  );
  return { ...pod, metadata: { ...pod.metadata, annotations: Object.fromEntries(kept) } };
}

runVectors(plugin, JSON.parse(text) as VectorFile, {
  manager: "Vault",
  select: isOurs,
  options: ({ vaultSecretManager: { role, annotations } = {} }) => ({ unversioned: true, role, annotations }),
  without: withoutErrorOnMissingKey,
});
