import type { Pod } from "@pod-secrets/core";

import type { SidecarOptions } from "./options.ts";

/** Flyte's images name no user; the kubelet then refuses them in a pod with `runAsNonRoot`. */
export function rootWarnings(pod: Pod, { securityContext }: SidecarOptions): readonly string[] {
  const ofPod = pod.spec?.securityContext;
  const user = securityContext?.runAsUser ?? ofPod?.runAsUser ?? 0;
  const mustNotBeRoot = securityContext?.runAsNonRoot ?? ofPod?.runAsNonRoot ?? false;
  return mustNotBeRoot && user === 0
    ? ["the pod must not run as root, and the init container that fetches its secrets does unless configured"]
    : [];
}
