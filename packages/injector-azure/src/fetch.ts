/**
 * Azure Key Vault, by the program that fetches: one init container for all secrets of the pod. Files are where Flyte has
 * them, and those of a key below.
 */
import { lookedUpBy, missingGroup, skipped, type SecretInjector } from "@pod-secrets/core";
import { injectFetched, unfitJsonKey, type FetchedSecret } from "@pod-secrets/fetch-container";

import type { AzureFetchOptions, AzureSettings } from "./options.ts";
import { isKeyVault, isVersionId, parseSecretName, type SecretName } from "./secret-name.ts";
import { isMeant, noSecret, noVersion } from "./unfit.ts";

/** Gives pods the secrets of Azure Key Vault. */
export function createFetchInjector({ fetcher, settings }: AzureFetchOptions): SecretInjector {
  const provider = { name: "azure", use: "azure-keyvault", settings: { ...settings } };
  return {
    name: "azure",
    inject(pod, request, context) {
      const { group, groupVersion, key } = request;
      const missing = missingGroup(request);
      if (missing !== undefined) return missing;
      const secretName = parseSecretName(group);
      if (secretName === undefined || !isKnownVault(secretName, settings)) return noSecret(request);
      if (groupVersion !== "" && !isVersionId(groupVersion)) return noVersion(request);
      const unfit = unfitJsonKey(key);
      if (unfit !== undefined) return unfit;
      if (request.mountRequirement === "ENV_VAR" && fetcher.envVars === "none" && !isMeant(request))
        return skipped("secrets of Azure Key Vault are files here, not env vars");
      const address = addressOf(secretName);
      const secret: FetchedSecret = {
        name: `${address}${groupVersion === "" ? "" : `/${groupVersion}`}${key === "" ? "" : `#${key}`}`,
        provider,
        source: { secret: address, version: given(groupVersion), jsonKey: given(key) },
      };
      const named = lookedUpBy(context, [secretName.name, groupVersion, key]);
      return injectFetched(pod, named, request, secret, fetcher);
    },
  };
}

/** In a vault of Key Vault, or in that of the settings, which alone has secrets that are named without one. */
function isKnownVault({ vault }: SecretName, { vault: own }: AzureSettings): boolean {
  if (vault === undefined) return own !== undefined;
  return isKeyVault(vault) || (own !== undefined && URL.parse(vault)?.origin === URL.parse(own)?.origin);
}

/** The same for the same secret: host names may be in upper case. */
function addressOf({ vault, name }: SecretName): string {
  return vault === undefined ? name : `${vault.toLowerCase()}/secrets/${name}`;
}

function given(text: string): string | undefined {
  return text === "" ? undefined : text;
}
