/** The place of the registration among those of other webhooks. */
import { quoted } from "@pod-secrets/core";

import { CONFIG_ERRORS } from "../errors.ts";
import type { Problem } from "./problems.ts";
import type { Config } from "./schema.ts";

/** As HashiCorp's chart names the configuration of its injector, in a release of the name `vault`. */
const VAULT_INJECTOR = "vault-agent-injector-cfg";

/** Vault's injector must be called after this webhook where it is to read what this webhook writes. */
export function orderWarnings(config: Pick<Config, "registration" | "managers" | "locate">): readonly Problem[] {
  const { registration, managers, locate } = config;
  const isForVault = managers.some(({ use }) => use.startsWith("vault-"));
  if (registration === undefined || !isForVault || registration.name < VAULT_INJECTOR) return [];
  const message = `registration ${quoted(registration.name, 253)} is called after ${quoted(VAULT_INJECTOR)}, which is that of Vault's Agent Injector`;
  const { fix } = CONFIG_ERRORS.W_CONFIG_ORDER;
  return [{ ...locate(["registration", "name"]), code: "W_CONFIG_ORDER", message, fix }];
}
