import type { SecretInjector } from "@pod-secrets/core";

import { createFetchInjector } from "./fetch.ts";
import type { AzureOptions } from "./options.ts";
import { createSidecarInjector } from "./sidecar.ts";

/** Gives pods the secrets of Azure Key Vault. */
export function createAzureInjector(options: AzureOptions): SecretInjector {
  return options.mode === "fetch" ? createFetchInjector(options) : createSidecarInjector(options);
}
