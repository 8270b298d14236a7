/** The provider in front of servers that speak as Google's do. */
import { onTestFinished } from "vitest";
import * as z from "zod/mini";

import { gcpSecretManager } from "../../../src/providers/gcp-secretmanager/provider.ts";
import type { GcpSettings } from "../../../src/providers/gcp-secretmanager/settings.ts";
import { serveMetadata } from "../../rig/google-identity.ts";
import type { FaultyServer } from "../../rig/faulty-server.ts";
import { testHost, type HostFacts } from "../../rig/host.ts";
import { serveSecretManager, type SecretManager } from "../../rig/secret-manager.ts";

export const signal: AbortSignal = new AbortController().signal;

export function settingsOf(settings: object): GcpSettings {
  return z.parse(gcpSecretManager.settings, settings);
}

/** Fetches a secret as the program does, until the test ends. */
export type Fetch = (source: object) => Promise<Uint8Array>;

export function fetchBy(settings: object, facts: HostFacts = {}): Fetch {
  const host = testHost(facts);
  onTestFinished(() => host.close());
  const provider = gcpSecretManager.create(settingsOf(settings), host);
  return (source) => provider.fetch(z.parse(gcpSecretManager.source, source), signal);
}

export interface Gke {
  readonly store: SecretManager;
  readonly metadata: FaultyServer;
  readonly fetch: Fetch;
}

/** A pod in GKE. */
export async function gke(settings: object = {}): Promise<Gke> {
  const [store, metadata] = [await serveSecretManager(), await serveMetadata()];
  const addresses = { url: store.url.href, metadataUrl: metadata.url.href };
  return { store, metadata, fetch: fetchBy({ ...addresses, ...settings }) };
}
