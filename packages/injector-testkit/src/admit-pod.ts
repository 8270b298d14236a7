/** The whole way of a pod through the webhook, for tests. */
import { mutatePod, type Mutation, type Pod, type SecretInjector } from "@pod-secrets/core";

import { injectionContext, type ContextSettings } from "./contexts.ts";

/**
 * What the webhook makes of a pod when it has these injectors, asked in this order. A secret that none of them gives
 * refuses the pod.
 * @param pod with its requests on it, as `withRequests` puts them there
 */
export function admitPod(
  pod: Pod,
  injectors: readonly SecretInjector[],
  settings: ContextSettings = {},
): Promise<Mutation> {
  const { profile, naming, namespace, dryRun, deadline } = injectionContext(pod, settings);
  return mutatePod(pod, { namespace, dryRun, deadline }, { profile, naming, injectors, onFailure: "deny" });
}

/** The pod with its secrets. @throws Error with what became of it when it does not get them, or has them already */
export async function admittedPod(
  pod: Pod,
  injectors: readonly SecretInjector[],
  settings: ContextSettings = {},
): Promise<Pod> {
  const mutation = await admitPod(pod, injectors, settings);
  if (mutation.outcome === "changed") return mutation.pod;
  throw new Error(mutation.outcome === "refused" ? mutation.message : `the pod is ${mutation.outcome}`);
}
