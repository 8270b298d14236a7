/** HashiCorp Vault's key-value store, version 1: the Vault Agent Injector brings one key as a file. */
import { defineInjector, type InjectorPlugin } from "@pod-secrets/core";
import { agentErrors } from "@pod-secrets/vault-agent";

import { vaultKv1Options } from "./options.ts";
import { createVaultKv1Injector } from "./vault-kv1.ts";

const plugin: InjectorPlugin<typeof vaultKv1Options> = defineInjector({
  apiVersion: 1,
  name: "vault-kv1",
  meta: {
    summary: "HashiCorp Vault's key-value store, version 1, through the Vault Agent Injector.",
    group: "path in Vault, such as secret/app",
    key: "key of the secret at that path",
    mounts: ["FILE"],
    stability: "stable",
  },
  options: vaultKv1Options,
  errors: agentErrors("vault-kv1"),
  create: createVaultKv1Injector,
});

export default plugin;
export { vaultKv1Options, type VaultKv1Options } from "./options.ts";
export { createVaultKv1Injector } from "./vault-kv1.ts";
