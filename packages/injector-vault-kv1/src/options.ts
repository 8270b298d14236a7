import { agentOptions, errorOnMissingKey, errorOnNull, type KeyValueOptions } from "@pod-secrets/vault-agent";
import * as z from "zod";

/** Options of the manager in the config file. */
export type VaultKv1Options = KeyValueOptions;

/** Schema of {@link VaultKv1Options}; its descriptions are the reference and the JSON Schema. */
export const vaultKv1Options: z.ZodType<VaultKv1Options> = z.strictObject({
  ...agentOptions,
  errorOnMissingKey,
  errorOnNull,
  unversioned: z
    .boolean()
    .default(false)
    .describe(
      "Whether secrets without a group_version are this manager's. By default they are left to the managers further down, such as vault-kv2.",
    ),
});
