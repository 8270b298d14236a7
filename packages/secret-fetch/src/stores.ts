/** Stores for a process of one's own, which reads secrets one by one: providers, and by what they reach out. */
export { FetchFailure, isFetchFailure, type FailureKind } from "./failure.ts";
export { parseJsonObject, textField, type JsonObject } from "./json-object.ts";
export { createHttpClient, type HttpClient } from "./ports/node-http.ts";
export { readSmallFile } from "./ports/read-file.ts";
export { defineProvider, type Provider, type ProviderHost, type ProviderPlugin } from "./provider.ts";
export { awsSecretsManager } from "./providers/aws-secretsmanager/provider.ts";
export { azureKeyVault } from "./providers/azure-keyvault/provider.ts";
export { gcpSecretManager } from "./providers/gcp-secretmanager/provider.ts";
export { below } from "./settings.ts";
