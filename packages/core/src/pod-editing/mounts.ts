/** Volume mounts of all containers, and who owns a mount path. */
import { SecretError } from "../errors.ts";
import { quoted } from "../printable.ts";
import type { InjectionContext } from "../injector.ts";
import type { Container, Pod, VolumeMount } from "../pod.ts";
import { checkAnnounced } from "./announced-mounts.ts";
import { editContainers } from "./containers.ts";
import { overlapOf } from "./mount-overlap.ts";
import { cleanMountPath } from "./mount-path.ts";
import { originalContainer } from "./original-container.ts";

/**
 * Mounts a volume at the end of the mounts of every init container and container. A container that mounts
 * the volume already, anywhere, keeps that mount; where the task would not find its files then, `context.warn` is told.
 * @throws SecretError `E_MOUNT_CONFLICT` when another volume is at the path; or a read-only mount of ours
 * would lie over or under another mount, where the runtime cannot make the directory, or over a file of a
 * Vault agent
 */
export function addMount(pod: Pod, context: InjectionContext, mount: VolumeMount): Pod {
  context.claims?.mount(mount);
  checkAnnounced(pod, mount, context.naming.mountRoot);
  const wanted = cleanMountPath(mount);
  return editContainers(pod, (container) => {
    const mounts = container.volumeMounts ?? NONE;
    const own = mounts.find((existing) => existing.name === mount.name);
    if (own !== undefined) {
      if (!hasAt(own, wanted)) warnOfOwn(own, container, pod, context);
      return container;
    }
    for (const existing of mounts) checkOverlap(existing, mount, wanted, container, context);
    return { ...container, volumeMounts: [...mounts, mount] };
  });
}

/**
 * Checks that no container has another volume at a path that a later admission webhook will mount.
 * @throws SecretError `E_MOUNT_CONFLICT`
 */
export function reserveMountPath(pod: Pod, context: InjectionContext, mount: VolumeMount): void {
  const wanted = cleanMountPath(mount);
  for (const container of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]) {
    for (const existing of container.volumeMounts ?? NONE) {
      if (existing.name !== mount.name) checkOverlap(existing, mount, wanted, container, context);
    }
  }
}

const NONE: readonly VolumeMount[] = [];

/** Whether all of the volume is at the path. */
function hasAt(mount: VolumeMount, path: string): boolean {
  return (mount.subPath ?? "") === "" && (mount.subPathExpr ?? "") === "" && cleanMountPath(mount) === path;
}

function warnOfOwn(own: VolumeMount, container: Container, pod: Pod, context: InjectionContext): void {
  if (originalContainer(container, context)?.volumeMounts?.includes(own) !== true) return;
  // Whoever may write to a volume that starts empty brings the files: an init container of an earlier call.
  if (own.readOnly !== true && pod.spec?.volumes?.some(({ name, emptyDir }) => name === own.name && emptyDir)) return;
  context.warn?.(
    `container ${quoted(container.name)} keeps its own mount of volume ${quoted(own.name)}, so it may not find its secrets`,
  );
}

function checkOverlap(
  existing: VolumeMount,
  mount: VolumeMount,
  wanted: string,
  container: Container,
  context: InjectionContext,
): void {
  const how = overlapOf(existing, cleanMountPath(existing), mount, wanted, context.naming.mountRoot);
  if (how === undefined) return;
  const message = `in container ${quoted(container.name)} volume ${quoted(existing.name)} ${how} ${quoted(mount.mountPath, 120)}`;
  throw new SecretError("E_MOUNT_CONFLICT", message);
}
