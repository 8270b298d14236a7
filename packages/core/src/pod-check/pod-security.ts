/**
 * Fields that nothing added to a pod may have: ways out of the container, by the Pod Security Standard "baseline"
 * (Kubernetes 1.36). A plugin must not be a way around the policy of a namespace.
 */
import type { Container, Volume } from "../pod.ts";
import { ANNOTATION_PREFIX } from "../requests/annotations.ts";

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
  if (isUnsafeSeLinux(security?.seLinuxOptions)) return "securityContext.seLinuxOptions";
  if (hooksOf(container).some((hook) => (hook?.httpGet?.host ?? hook?.tcpSocket?.host ?? "") !== ""))
    return "host of a probe or lifecycle hook";
  if (container.volumeMounts?.some((mount) => mount.mountPropagation === "Bidirectional") === true)
    return "volumeMounts.mountPropagation";
  return undefined;
}

/** Annotations that mean more than text: further requests to this webhook, and AppArmor profiles of containers. */
const RESERVED_ANNOTATIONS: readonly string[] = [ANNOTATION_PREFIX, "container.apparmor.security.beta.kubernetes.io/"];

/** Whether no injector may set an annotation. */
export function isReservedAnnotation(key: string): boolean {
  return RESERVED_ANNOTATIONS.some((prefix) => key.startsWith(prefix));
}

/** Types that the standard allows; user and role must be left to the runtime. */
const SELINUX_TYPES: ReadonlySet<string> = new Set([
  "",
  "container_t",
  "container_init_t",
  "container_kvm_t",
  "container_engine_t",
]);

type SeLinuxOptions = NonNullable<Container["securityContext"]>["seLinuxOptions"];

function isUnsafeSeLinux(options: SeLinuxOptions): boolean {
  if (options === undefined) return false;
  return (options.user ?? "") !== "" || (options.role ?? "") !== "" || !SELINUX_TYPES.has(options.type ?? "");
}

interface Hook {
  readonly httpGet?: { readonly host?: string };
  readonly tcpSocket?: { readonly host?: string };
}

function hooksOf(container: Container): readonly (Hook | undefined)[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  return [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
}
