/** HashiCorp Vault's key-value store, version 2: the Vault Agent Injector brings one key as a file. */
import { defineInjector, type InjectorPlugin } from "@pod-secrets/core";
import { agentErrors } from "@pod-secrets/vault-agent";

import { vaultKv2Options } from "./options.ts";
import { createVaultKv2Injector } from "./vault-kv2.ts";

const plugin: InjectorPlugin<typeof vaultKv2Options> = defineInjector({
  apiVersion: 1,
  name: "vault-kv2",
  meta: {
    summary: "HashiCorp Vault's key-value store, version 2, through the Vault Agent Injector.",
    group: "path in Vault, such as secret/data/app",
    key: "key of the secret at that path",
    mounts: ["FILE"],
    stability: "stable",
  },
  options: vaultKv2Options,
  errors: agentErrors("vault-kv2"),
  create: createVaultKv2Injector,
});

export default plugin;
export { vaultKv2Options, type VaultKv2Options } from "./options.ts";
export { createVaultKv2Injector } from "./vault-kv2.ts";
