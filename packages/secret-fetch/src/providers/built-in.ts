/** The kinds of stores that the program comes with. */
import type { ProviderPlugin } from "../provider.ts";
import { awsSecretsManager } from "./aws-secretsmanager/provider.ts";
import { confidant } from "./confidant/provider.ts";
import { fileProvider } from "./file.ts";

export const builtInProviders: readonly ProviderPlugin[] = [
  awsSecretsManager,
  confidant,
  fileProvider,
] as readonly ProviderPlugin[];
