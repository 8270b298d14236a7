/** The provider in front of servers that speak as Microsoft's do. */
import { onTestFinished } from "vitest";
import * as z from "zod/mini";

import { azureKeyVault } from "../../../src/providers/azure-keyvault/provider.ts";
import type { AzureSettings } from "../../../src/providers/azure-keyvault/settings.ts";
import type { FaultyServer } from "../../rig/faulty-server.ts";
import { testHost, type HostFacts } from "../../rig/host.ts";
import { ASSERTION, CLIENT, TENANT, serveEntra, serveKeyVault, type KeyVault } from "../../rig/key-vault.ts";

export const signal: AbortSignal = new AbortController().signal;
const TOKEN_FILE = "/var/run/secrets/azure/tokens/azure-identity-token";

/** What Azure's workload identity webhook gives to a container. */
export const AKS_FILES = { [TOKEN_FILE]: ASSERTION };
export const aksEnv = (entra: URL): Readonly<Record<string, string>> => ({
  AZURE_AUTHORITY_HOST: entra.href,
  AZURE_TENANT_ID: TENANT,
  AZURE_CLIENT_ID: CLIENT,
  AZURE_FEDERATED_TOKEN_FILE: TOKEN_FILE,
});

export function settingsOf(settings: object): AzureSettings {
  return z.parse(azureKeyVault.settings, settings);
}

/** Fetches a secret as the program does, until the test ends. */
export type Fetch = (source: object) => Promise<Uint8Array>;

export function fetchBy(settings: object, facts: HostFacts = {}): Fetch {
  const host = testHost(facts);
  onTestFinished(() => host.close());
  const provider = azureKeyVault.create(settingsOf(settings), host);
  return (source) => provider.fetch(z.parse(azureKeyVault.source, source), signal);
}

export interface Aks {
  readonly vault: KeyVault;
  readonly entra: FaultyServer;
  readonly fetch: Fetch;
}

/** A pod in AKS, with workload identity. */
export async function aks(settings: object = {}): Promise<Aks> {
  const [vault, entra] = [await serveKeyVault(), await serveEntra()];
  const fetch = fetchBy({ vault: vault.url.href, ...settings }, { env: aksEnv(entra.url), files: AKS_FILES });
  return { vault, entra, fetch };
}
