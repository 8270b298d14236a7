/** Edits of some of a pod's containers: of those that fetch, and of those that start when the files are there. */
import type { Container, Pod } from "@pod-secrets/core";

import { addFetcher, isFetcher } from "./container.ts";
import type { FetcherOptions } from "./options.ts";
import { addRefresher, isRefresher } from "./refresher.ts";

/**
 * Has the pod's secrets fetched, and an edit done to each container that does so for a manager with these options: to the
 * init container, and to the sidecar where they ask for one.
 * @throws SecretError `E_CONTAINER_CONFLICT`, `E_VOLUME_CONFLICT`, `E_POD_INVALID`
 */
export function editFetchers(pod: Pod, options: FetcherOptions, edit: (container: Container) => Container): Pod {
  const prepared = addRefresher(addFetcher(pod, options), options);
  const isMeant = (container: Container): boolean =>
    isFetcher(container) || (options.refresh !== undefined && isRefresher(container));
  const before = prepared.spec?.initContainers ?? [];
  const after = before.map((container) => (isMeant(container) ? edit(container) : container));
  return after.every((container, at) => container === before[at]) ? prepared : withInitContainers(prepared, after);
}

/**
 * Edits the pod as if init containers were not in it that run before the files are there.
 * @param edit adds no container and takes none away
 */
export function editLaterContainers(pod: Pod, edit: (pod: Pod) => Pod): Pod {
  const all = pod.spec?.initContainers ?? [];
  const start = Math.max(0, all.findIndex(isFetcher));
  const without = withInitContainers(pod, all.slice(start));
  const edited = edit(without);
  return edited === without
    ? pod
    : withInitContainers(edited, [...all.slice(0, start), ...(edited.spec?.initContainers ?? [])]);
}

function withInitContainers(pod: Pod, initContainers: readonly Container[]): Pod {
  return pod.spec ? { ...pod, spec: { ...pod.spec, initContainers } } : pod;
}
