export { injectFetched } from "./fetched-secret.ts";
export type { FetchedSecret } from "./request-parts.ts";
export { fetcherOptions, type FetcherOptions, type RefreshOptions } from "./options.ts";
export { absolutePath, awsSettings, serverUrl, type AwsSettings, type CredentialSource } from "./aws-settings.ts";
export { resources, toQuantities, type Resources } from "./resources.ts";
