import { agentOptions, type AgentOptions } from "@pod-secrets/vault-agent";
import * as z from "zod";

/** Options of the manager in the config file. */
export type VaultDbOptions = AgentOptions;

/** Schema of {@link VaultDbOptions}; its descriptions are the reference and the JSON Schema. */
export const vaultDbOptions: z.ZodType<VaultDbOptions> = z.strictObject({ ...agentOptions });
