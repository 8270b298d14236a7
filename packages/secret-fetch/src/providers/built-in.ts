/** The kinds of stores that the program comes with. */
import type { ProviderPlugin } from "../provider.ts";
import { awsSecretsManager } from "./aws-secretsmanager/provider.ts";
import { azureKeyVault } from "./azure-keyvault/provider.ts";
import { confidant } from "./confidant/provider.ts";
import { fileProvider } from "./file.ts";
import { gcpSecretManager } from "./gcp-secretmanager/provider.ts";

export const builtInProviders: readonly ProviderPlugin[] = [
  awsSecretsManager,
  gcpSecretManager,
  azureKeyVault,
  confidant,
  fileProvider,
] as readonly ProviderPlugin[];
