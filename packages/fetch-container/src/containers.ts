/** The containers of a pod that fetch, and all others: an edit is for the ones or for the others. */
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
 * Edits the pod as if the containers that fetch were not in it: what tells a task where its secrets are does not concern
 * them, and an `env_var` such as AWS_ROLE_ARN would tell them to be somebody else.
 * @param edit adds no container and takes none away
 */
export function editOthers(pod: Pod, edit: (pod: Pod) => Pod): Pod {
  return editWithout(pod, (container) => isFetcher(container) || isRefresher(container), edit);
}

/** As {@link editOthers}, and also without those that run before the files are there. */
export function editLaterOthers(pod: Pod, edit: (pod: Pod) => Pod): Pod {
  const at = pod.spec?.initContainers?.findIndex(isFetcher) ?? -1;
  return editWithout(pod, (container, index) => index <= at || isRefresher(container), edit);
}

function editWithout(
  pod: Pod,
  isLeftOut: (container: Container, index: number) => boolean,
  edit: (pod: Pod) => Pod,
): Pod {
  const all = pod.spec?.initContainers ?? [];
  const without = withInitContainers(
    pod,
    all.filter((container, index) => !isLeftOut(container, index)),
  );
  const edited = edit(without);
  if (edited === without) return pod;
  const others = [...(edited.spec?.initContainers ?? [])];
  return withInitContainers(
    edited,
    all.map((container, index) => (isLeftOut(container, index) ? container : (others.shift() ?? container))),
  );
}

function withInitContainers(pod: Pod, initContainers: readonly Container[]): Pod {
  return pod.spec ? { ...pod, spec: { ...pod.spec, initContainers } } : pod;
}
