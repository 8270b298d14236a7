export { injectFetched } from "./fetched-secret.ts";
export type { FetchedSecret } from "./request-parts.ts";
export { fetcherOptions, type FetcherOptions, type RefreshOptions } from "./options.ts";
export { AWS_SERVERS, awsSettings, type AwsSettings, type CredentialSource } from "./aws-settings.ts";
export { GOOGLE_METADATA_HOSTS } from "@pod-secrets/secret-fetch/request";
export { absolutePath, caFile, serverUrl, withPrivateWays, type ServerPath } from "./settings.ts";
export { imageName, imagePullPolicy, type ImagePullPolicy } from "./image.ts";
export { isJsonKey, unfitJsonKey } from "./json-key.ts";
export { resources, toQuantities, type Resources } from "./resources.ts";
