/**
 * Fields that nothing added to a pod may have: ways out of the container, by the Pod Security Standard "baseline"
 * (Kubernetes 1.36). A plugin must not be a way around the policy of a namespace.
 */
import type { Container, Volume } from "../pod.ts";

/** The first such field of a volume. */
export function unsafeVolumeField(volume: Volume): string | undefined {
  return volume.hostPath === undefined ? undefined : "hostPath";
}

/** The first such field of a container. */
export function unsafeContainerField(container: Container): string | undefined {
  const security = container.securityContext;
  if (security?.privileged === true) return "securityContext.privileged";
  if ((security?.capabilities?.add ?? []).length > 0) return "securityContext.capabilities.add";
  if (security?.procMount === "Unmasked") return "securityContext.procMount";
  if (security?.seccompProfile?.type === "Unconfined") return "securityContext.seccompProfile";
  if (security?.appArmorProfile?.type === "Unconfined") return "securityContext.appArmorProfile";
  if (security?.windowsOptions?.hostProcess === true) return "securityContext.windowsOptions.hostProcess";
  if (container.ports?.some((port) => (port.hostPort ?? 0) !== 0) === true) return "ports.hostPort";
  if ((container.volumeDevices ?? []).length > 0) return "volumeDevices";
  return undefined;
}
