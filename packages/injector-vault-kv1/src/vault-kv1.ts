/** The engine: one key of the secret at a path, which is an object of values. */
import type { SecretInjector } from "@pod-secrets/core";
import { checkedTemplate, createAgentInjector, valueTemplate } from "@pod-secrets/vault-agent";

import type { VaultKv1Options } from "./options.ts";

/** Gives pods the secrets of Vault's key-value store, version 1. */
export function createVaultKv1Injector(options: VaultKv1Options): SecretInjector {
  const templateOf = options.errorOnNull ? checkedTemplate : valueTemplate;
  return createAgentInjector(
    {
      injector: "vault-kv1",
      groupVersion: "kv1",
      unversioned: options.unversioned,
      pathRules: { isQuoted: true },
      examplePath: "secret/app",
      template: (path, key) => templateOf(path, ".Data", key),
      errorOnMissingKey: options.errorOnMissingKey,
    },
    options,
  );
}
