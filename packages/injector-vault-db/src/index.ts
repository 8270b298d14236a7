/** HashiCorp Vault's database credentials: the Vault Agent Injector brings user name and password as one file. */
import { defineInjector, type InjectorPlugin } from "@pod-secrets/core";
import { agentErrors } from "@pod-secrets/vault-agent";

import { vaultDbOptions } from "./options.ts";
import { createVaultDbInjector } from "./vault-db.ts";

const plugin: InjectorPlugin<typeof vaultDbOptions> = defineInjector({
  apiVersion: 1,
  name: "vault-db",
  meta: {
    summary: "HashiCorp Vault's database credentials, through the Vault Agent Injector.",
    group: "path of the role in Vault, such as database/creds/app",
    key: "name of the file, which holds user name and password",
    mounts: ["FILE"],
    stability: "stable",
  },
  options: vaultDbOptions,
  errors: agentErrors("vault-db"),
  create: createVaultDbInjector,
});

export default plugin;
export { vaultDbOptions, type VaultDbOptions } from "./options.ts";
export { createVaultDbInjector } from "./vault-db.ts";
