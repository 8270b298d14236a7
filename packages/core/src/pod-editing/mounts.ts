/** Volume mounts of all containers, and who owns a mount path. */
import { SecretError } from "../errors.ts";
import { quoted } from "../printable.ts";
import type { InjectionContext } from "../injector.ts";
import type { Container, Pod, VolumeMount } from "../pod.ts";
import { announcedFiles, announcedMounts } from "./announced-mounts.ts";
import { editContainers } from "./containers.ts";
import { cleanPath, isAtOrBelow } from "./mount-path.ts";

/**
 * Mounts a volume at the end of the mounts of every init container and container. A container that mounts
 * the volume already, anywhere, keeps that mount.
 * @throws SecretError `E_MOUNT_CONFLICT` when another volume is at the path; or a read-only mount of ours
 * would lie over or under another mount, where the runtime cannot make the directory, or over a file of a
 * Vault agent
 */
export function addMount(pod: Pod, context: InjectionContext, mount: VolumeMount): Pod {
  const wanted = cleanPath(mount.mountPath);
  const announced = announcedMounts(pod);
  const files = announced.length === 0 ? [] : announcedFiles(pod).map(cleanPath);
  const hidden = files.find((file) => isAtOrBelow(file, wanted));
  return editContainers(pod, (container) => {
    const mounts = container.volumeMounts ?? NONE;
    if (mounts.some((existing) => existing.name === mount.name)) return container;
    if (hidden !== undefined) throw hides(mount, container, hidden);
    for (const existing of mounts) checkMounts(existing, mount, wanted, container, context);
    for (const existing of announced) checkMounts(existing, mount, wanted, container, context);
    return { ...container, volumeMounts: [...mounts, mount] };
  });
}

/**
 * Checks that no container has another volume at a path that a later admission webhook will mount.
 * @throws SecretError `E_MOUNT_CONFLICT`
 */
export function reserveMountPath(pod: Pod, context: InjectionContext, mount: VolumeMount): void {
  const wanted = cleanPath(mount.mountPath);
  for (const container of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]) {
    for (const existing of container.volumeMounts ?? NONE) {
      if (existing.name !== mount.name) checkMounts(existing, mount, wanted, container, context);
    }
  }
}

const NONE: readonly VolumeMount[] = [];

function checkMounts(
  existing: VolumeMount,
  mount: VolumeMount,
  wanted: string,
  container: Container,
  context: InjectionContext,
): void {
  const path = cleanPath(existing.mountPath);
  if (path === wanted) throw conflict(existing, mount, container, "is mounted at");
  const isUnder = existing.readOnly === true && isAtOrBelow(wanted, path);
  const isOver = mount.readOnly === true && isAtOrBelow(path, wanted);
  // Elsewhere the image may have the directory, so nesting is the user's business.
  if ((isUnder || isOver) && isAtOrBelow(path, context.naming.mountRoot))
    throw conflict(existing, mount, container, isUnder ? "is mounted read-only above" : "is mounted below");
}

function hides(mount: VolumeMount, container: Container, file: string): SecretError {
  const message = `in container ${quoted(container.name)} volume ${quoted(mount.name)} at ${quoted(mount.mountPath, 60)} would hide ${quoted(file, 60)}`;
  return new SecretError("E_MOUNT_CONFLICT", message);
}

function conflict(existing: VolumeMount, mount: VolumeMount, container: Container, how: string): SecretError {
  const message = `in container ${quoted(container.name)} volume ${quoted(existing.name)} ${how} ${quoted(mount.mountPath, 120)}`;
  return new SecretError("E_MOUNT_CONFLICT", message);
}
