import type { Container, Pod, PodSpec } from "../pod.ts";

/**
 * Start of the names of init containers that fetch the secrets of all others, and of the volume that they write to. What
 * the others are told is not for them: an env var such as AWS_ACCESS_KEY_ID would make them somebody else to the store.
 */
export const FETCHING_PREFIX = "pod-secrets-";

/**
 * Applies an edit to every init container and container but those that fetch. Ephemeral containers are left alone, too:
 * they join a running pod, past admission. The pod itself comes back when no container changed.
 */
export function editContainers(pod: Pod, edit: (container: Container) => Container): Pod {
  const { spec } = pod;
  if (!spec) return pod;
  const initContainers = mapKeepingIdentity(spec.initContainers, (container: Container) =>
    isFetching(container) ? container : edit(container),
  );
  const containers = mapKeepingIdentity(spec.containers, edit);
  if (initContainers === spec.initContainers && containers === spec.containers) return pod;
  return withSpec(
    pod,
    initContainers === undefined ? { ...spec, containers } : { ...spec, initContainers, containers },
  );
}

/** By its name alone, an init container of the user would start without its secrets. */
function isFetching({ name, volumeMounts }: Container): boolean {
  if (!name.startsWith(FETCHING_PREFIX)) return false;
  return volumeMounts?.some((mount) => mount.name.startsWith(FETCHING_PREFIX) && mount.readOnly !== true) === true;
}

/** The pod with another spec. */
export function withSpec(pod: Pod, spec: PodSpec): Pod {
  return { ...pod, spec };
}

/** Like `map`, but the same list comes back when no entry changed, and where there is none: Go writes null for that. */
function mapKeepingIdentity<T, List extends readonly T[] | undefined>(
  list: List,
  edit: (entry: T) => T,
): List | readonly T[] {
  if (!list) return list;
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
