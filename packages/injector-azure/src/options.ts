import { absolutePath, caFile, serverUrl, withPrivateWays } from "@pod-secrets/fetch-container";
import { modeOptions, type FetchOptions, type ModeOptions } from "@pod-secrets/flyte-sidecar";
import * as z from "zod";

/** How the container that fetches speaks to Azure: settings of its program, see `docs/fetch.md`. */
export interface AzureSettings {
  readonly vault?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly clientId?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly authority?: string | undefined;
  readonly managedIdentity?: boolean | undefined;
  readonly caFile?: string | undefined;
  readonly allowHttp?: boolean | undefined;
}

/** Options of the manager in the config file. */
export type AzureOptions = ModeOptions<AzureSettings>;
/** Options of `mode: fetch`. */
export type AzureFetchOptions = FetchOptions<AzureSettings>;

const settings = z.strictObject({
  vault: serverUrl
    .optional()
    .describe(
      "Address of the vault of secrets whose group is a name alone. Left out: they are left to the next manager.",
    ),
  tenantId: z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,253}[A-Za-z0-9])?$/, "is no id or domain of a tenant")
    .optional()
    .describe("Tenant of the identity. Left out: AZURE_TENANT_ID of the container."),
  clientId: z
    .string()
    .regex(/^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/, "is no client id of an identity")
    .optional()
    .describe(
      "Client id of the identity that all pods have. Left out: AZURE_CLIENT_ID of the container, that of its service account.",
    ),
  tokenFile: absolutePath
    .optional()
    .describe("File of the service account's token. Left out: AZURE_FEDERATED_TOKEN_FILE of the container."),
  authority: serverUrl
    .optional()
    .describe(
      "Address of Microsoft Entra. Left out: AZURE_AUTHORITY_HOST of the container, and else that of the vault's cloud.",
    ),
  managedIdentity: z
    .boolean()
    .optional()
    .describe("Whether the node's identity may be taken where a container has no token: it is not the pod's."),
  caFile,
  allowHttp: z
    .boolean()
    .optional()
    .describe(
      "Whether `vault` and `authority` may be plain HTTP to another machine: everybody on the way reads the secrets then.",
    ),
});

/** Schema of {@link AzureOptions}; its descriptions are the reference and the JSON Schema. */
export const azureOptions: z.ZodType<AzureOptions> = modeOptions({
  store: "Azure",
  sidecarMeans: "",
  fetchMeans: ", before all others",
  // `azureSecretManager.sidecarImage`, v2.0.
  image: "mcr.microsoft.com/azure-cli:cbl-mariner2.0",
  otherImage: "has `sh` and `az`",
  settings: withPrivateWays(settings, [["vault"], ["authority"]]),
});
