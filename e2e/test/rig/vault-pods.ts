/** Pods that ask for secrets of Vault, as the webhook sends them on. */
import type { Mutation, Pod } from "../../../packages/core/src/index.ts";
import { lookUpFile, secretRequests, testPod, withRequests } from "../../../packages/injector-testkit/src/index.ts";
import type { RequestFields } from "../../../packages/injector-testkit/src/index.ts";

import { admitted, composedOf } from "../../../apps/webhook/test/managers/composed.ts";

/** The three managers of Vault. */
export const VAULT_MANAGERS = "global: false\nmanagers: [{ use: vault-kv2 }, { use: vault-kv1 }, { use: vault-db }]";

/** One admission, by managers that are composed once. */
export type Admit = (...requests: readonly RequestFields[]) => Promise<Mutation>;

/** @param yaml a config; by default the managers of Vault without options */
export async function vaultAdmission(yaml = VAULT_MANAGERS): Promise<Admit> {
  const { settings } = await composedOf(yaml);
  return (...requests) => admitted(withRequests(testPod(), secretRequests(requests)), settings);
}

/** The pod, which must get all its secrets. */
export async function admittedPod(admit: Admit, ...requests: readonly RequestFields[]): Promise<Pod> {
  const mutation = await admit(...requests);
  if (mutation.outcome !== "changed") throw new Error(`${mutation.outcome}: ${JSON.stringify(mutation.decisions)}`);
  return mutation.pod;
}

/**
 * Where the task finds a secret: at the path in the env var that it asked for, else where flytekit looks.
 * @throws Error when it would find none
 */
export function fileFor(pod: Pod, { group = "", key = "", envVar = "" }: RequestFields): string {
  const main = pod.spec?.containers[0];
  if (main === undefined) throw new Error("the pod has no container");
  const told = main.env?.find(({ name }) => name === envVar)?.value;
  // As the kubelet hands it to the container.
  if (told !== undefined) return told.replaceAll("$$", () => "$");
  const lookup = lookUpFile(pod, main, { group, key });
  if (lookup.found !== "file") throw new Error(JSON.stringify(lookup));
  return lookup.path;
}
