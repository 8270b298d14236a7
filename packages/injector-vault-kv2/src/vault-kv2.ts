/** The engine: one key of a version of the secret at a path; the values are one level deeper than in version 1. */
import type { SecretInjector } from "@pod-secrets/core";
import { checkedTemplate, createAgentInjector, valueTemplate } from "@pod-secrets/vault-agent";

import type { VaultKv2Options } from "./options.ts";

// The agent hands the query to Vault, which takes the number of an older version (consul-template 0.42.1, `vault_read.go`).
const VERSION = /^version=[0-9]{1,18}$/;

/** Gives pods the secrets of Vault's key-value store, version 2. */
export function createVaultKv2Injector(options: VaultKv2Options): SecretInjector {
  const templateOf = options.errorOnNull ? checkedTemplate : valueTemplate;
  return createAgentInjector(
    {
      injector: "vault-kv2",
      groupVersion: "kv2",
      unversioned: options.unversioned,
      pathRules: { query: VERSION, isQuoted: true },
      examplePath: "secret/data/app",
      template: (path, key) => templateOf(path, ".Data.data", key),
      errorOnMissingKey: options.errorOnMissingKey,
    },
    options,
  );
}
