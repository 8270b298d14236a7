/** Pods that ask for secrets. */
import { encodeRequests, type Container, type Pod, type SecretAsk } from "@pod-secrets/core";
import { testPod } from "@pod-secrets/injector-testkit";

/** A pod that asks for these secrets. */
export function podAsking(...asks: readonly SecretAsk[]): Pod {
  return testPod({}, { annotations: encodeRequests(asks) });
}

/** The same pod with other containers. */
export function withContainers(pod: Pod, containers: readonly Container[], init: readonly Container[] = []): Pod {
  return { ...pod, spec: { ...pod.spec, containers, ...(init.length === 0 ? {} : { initContainers: init }) } };
}
