/** Which vault of Azure, and as whom. */
import * as z from "zod/mini";

import { absolutePath, serverUrl } from "../../settings.ts";

export interface AzureSettings {
  /**
   * Address of the vault of secrets that are named without one. The only vault that may be elsewhere than at a host of
   * Key Vault, such as a test server.
   */
  readonly vault?: string | undefined;
  /** Directory (tenant) of the identity; `AZURE_TENANT_ID` of the container when left out. */
  readonly tenantId?: string | undefined;
  /** Application or user-assigned identity; `AZURE_CLIENT_ID` of the container when left out. */
  readonly clientId?: string | undefined;
  /** Absolute path of the service account's token; `AZURE_FEDERATED_TOKEN_FILE` of the container when left out. */
  readonly tokenFile?: string | undefined;
  /** Microsoft Entra; `AZURE_AUTHORITY_HOST` of the container when left out, else that of the vault's cloud. */
  readonly authority?: string | undefined;
  /** Whether the identity of the node may be taken when there is no token file: it is not the pod's. */
  readonly managedIdentity: boolean;
  /** PEM file of the authorities that are trusted in place of Node's own. */
  readonly caFile?: string | undefined;
  /** Whether `vault` and `authority` may be plain HTTP to another machine. */
  readonly allowHttp: boolean;
}

/** A tenant is named by its id or by a domain of it. */
export const TENANT: RegExp = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?$/;
export const CLIENT: RegExp = /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;

export const azureSettings: z.ZodMiniType<AzureSettings> = z.strictObject({
  vault: z.optional(serverUrl),
  tenantId: z.optional(z.string().check(z.regex(TENANT, "is no id or domain of a tenant"))),
  clientId: z.optional(z.string().check(z.regex(CLIENT, "is no client id of an identity"))),
  tokenFile: z.optional(absolutePath),
  authority: z.optional(serverUrl),
  managedIdentity: z._default(z.boolean(), false),
  caFile: z.optional(absolutePath),
  allowHttp: z._default(z.boolean(), false),
});
