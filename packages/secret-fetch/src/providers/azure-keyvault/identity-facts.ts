/** What says who the pod is: the settings, or env vars as Azure's workload identity webhook sets them. */
import { FetchFailure } from "../../failure.ts";
import type { ProviderHost } from "../../provider.ts";
import { isServerUrl } from "../../request/server-address.ts";
import { trustedServer } from "../../settings.ts";
import { CLIENT, TENANT, type AzureSettings } from "./settings.ts";
import type { Cloud } from "./vaults.ts";

/** @returns undefined when nothing names one. @throws FetchFailure `wrong-request` */
export function tenantOf({ tenantId }: AzureSettings, host: ProviderHost): string | undefined {
  return tenantId ?? checked("AZURE_TENANT_ID", (text) => TENANT.test(text), host);
}

/** @returns undefined when nothing names one. @throws FetchFailure `wrong-request` */
export function clientOf({ clientId }: AzureSettings, host: ProviderHost): string | undefined {
  return clientId ?? checked("AZURE_CLIENT_ID", (text) => CLIENT.test(text), host);
}

/** @returns undefined when nothing names one */
export function tokenFileOf({ tokenFile }: AzureSettings, { env }: ProviderHost): string | undefined {
  const file = tokenFile ?? env["AZURE_FEDERATED_TOKEN_FILE"] ?? "";
  return file === "" ? undefined : file;
}

/** Where the pod logs in: the service account's token goes there. @throws FetchFailure `wrong-request` */
export function authorityOf({ authority, allowHttp }: AzureSettings, cloud: Cloud, host: ProviderHost): URL {
  if (authority !== undefined) return trustedServer(authority, "authority", allowHttp);
  const found = checked("AZURE_AUTHORITY_HOST", isServerUrl, host);
  return found === undefined ? new URL(cloud.authority) : trustedServer(found, "AZURE_AUTHORITY_HOST", allowHttp);
}

function checked(name: string, fits: (text: string) => boolean, { env }: ProviderHost): string | undefined {
  const text = env[name] ?? "";
  if (text === "") return undefined;
  if (fits(text)) return text;
  throw new FetchFailure(
    "wrong-request",
    `${name} of the container is not what it should be`,
    "Leave the variable to Azure's workload identity webhook, and correct the annotations of the service account.",
  );
}
