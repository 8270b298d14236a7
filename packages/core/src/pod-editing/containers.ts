import type { Container, Pod, PodSpec } from "../pod.ts";

/**
 * Applies an edit to every init container and container. Ephemeral containers are left alone: they join a
 * running pod, past admission. The pod itself comes back when no container changed.
 */
export function editContainers(pod: Pod, edit: (container: Container) => Container): Pod {
  const spec = pod.spec;
  if (spec === undefined) return pod;
  const initContainers = mapKeepingIdentity(spec.initContainers, edit);
  const containers = mapKeepingIdentity(spec.containers, edit) ?? [];
  if (initContainers === spec.initContainers && containers === spec.containers) return pod;
  return withSpec(
    pod,
    initContainers === undefined ? { ...spec, containers } : { ...spec, initContainers, containers },
  );
}

/** The pod with another spec. */
export function withSpec(pod: Pod, spec: PodSpec): Pod {
  return { ...pod, spec };
}

/** Like `map`, but the same array comes back when no entry changed. */
function mapKeepingIdentity<T>(list: readonly T[] | undefined, edit: (entry: T) => T): readonly T[] | undefined {
  if (list === undefined || list === null) return list;
  let copy: T[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const entry = list[index] as T;
    const edited = edit(entry);
    if (edited === entry) continue;
    copy ??= [...list];
    copy[index] = edited;
  }
  return copy ?? list;
}
