import { agentOptions, errorOnMissingKey, errorOnNull, type KeyValueOptions } from "@pod-secrets/vault-agent";
import * as z from "zod";

/** Options of the manager in the config file. */
export type VaultKv2Options = KeyValueOptions;

/** Schema of {@link VaultKv2Options}; its descriptions are the reference and the JSON Schema. */
export const vaultKv2Options: z.ZodType<VaultKv2Options> = z.strictObject({
  ...agentOptions,
  errorOnMissingKey,
  errorOnNull,
  unversioned: z
    .boolean()
    .default(true)
    .describe(
      "Whether secrets without a group_version are this manager's. `false` when they are in a key-value store of version 1, or belong to a manager further down.",
    ),
});
