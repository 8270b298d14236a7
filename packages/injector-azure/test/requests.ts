/** What the init container of `mode: fetch` is told. */
import type { EnvVar } from "@pod-secrets/core";
import {
  admitPod,
  openInjector,
  secretRequests,
  testPod,
  withRequests,
  type RequestFields,
} from "@pod-secrets/injector-testkit";

import plugin from "../src/index.ts";

export const OPTIONS = {
  mode: "fetch",
  fetcher: { image: "registry.example.com/pod-secrets-fetch:1" },
  settings: { vault: "https://my-vault.vault.azure.net" },
};

export async function envFor(requests: readonly RequestFields[], options: object = {}): Promise<readonly EnvVar[]> {
  const injector = await openInjector(plugin, { ...OPTIONS, ...options });
  const mutation = await admitPod(withRequests(testPod(), secretRequests(requests)), [injector]);
  if (mutation.outcome !== "changed") throw new Error(JSON.stringify(mutation));
  return mutation.pod.spec?.initContainers?.[0]?.env ?? [];
}

export async function itemsFor(...requests: readonly RequestFields[]): Promise<readonly unknown[]> {
  const parts = (await envFor(requests)).map(
    ({ value = "" }) => JSON.parse(value) as { readonly items?: readonly unknown[] },
  );
  return parts.flatMap(({ items = [] }) => items);
}
