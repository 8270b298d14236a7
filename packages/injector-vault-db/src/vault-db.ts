/** The engine: reading the path makes a user of the database, and the file holds all that Vault says of it. */
import type { SecretInjector } from "@pod-secrets/core";
import { createAgentInjector } from "@pod-secrets/vault-agent";

import type { VaultDbOptions } from "./options.ts";

// Parameters of a role, such as `ttl=1h`. Nothing that ends the string in which vault-k8s puts the path.
const PARAMETERS = /^[-A-Za-z0-9_.~%+,:=&]{1,500}$/;

/** Gives pods database credentials that Vault makes for them. */
export function createVaultDbInjector(options: VaultDbOptions): SecretInjector {
  return createAgentInjector(
    {
      injector: "vault-db",
      groupVersion: "db",
      unversioned: false,
      // No template of ours: vault-k8s writes one around the path, and does not quote it (1.7.6, `config.go`).
      pathRules: { query: PARAMETERS, isQuoted: false },
      examplePath: "database/creds/app",
      errorOnMissingKey: false,
    },
    options,
  );
}
