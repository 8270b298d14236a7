/**
 * The native sidecar that fetches the secrets of a running pod again: the same program with `--watch`. The kubelet starts
 * it after the init container, before the pod's own, and ends it when the pod's containers have ended, so that a Job is
 * over all the same.
 */
import { FETCHING_PREFIX, addInitContainer, type Container, type Pod } from "@pod-secrets/core";

import { FETCHER, WRITE_MOUNT, emptyRequest, hasRequest, isFetcher } from "./container.ts";
import type { FetcherOptions, RefreshOptions } from "./options.ts";
import { toQuantities } from "./resources.ts";

const REFRESHER = `${FETCHING_PREFIX}refresh`;

/**
 * The pod with the sidecar, which it may have already: then it stays as it is.
 * @param pod has the container that fetches
 * @throws SecretError `E_CONTAINER_CONFLICT`
 */
export function addRefresher(pod: Pod, options: FetcherOptions): Pod {
  const { refresh, deadlineSeconds } = options;
  const containers = pod.spec?.initContainers ?? [];
  const fetcher = containers.find(isFetcher);
  if (refresh === undefined || fetcher === undefined || containers.some(isRefresher)) return pod;
  return addInitContainer(pod, createRefresher(fetcher, refresh, deadlineSeconds), { after: FETCHER });
}

/** Whether a container is the one that fetches the secrets of its pod again. */
export function isRefresher(container: Container): boolean {
  return container.name === REFRESHER && hasRequest(container);
}

/** Image and user are those of the container that made the files: another user could not replace them. */
function createRefresher(
  { image, imagePullPolicy, securityContext, terminationMessagePolicy }: Container,
  { seconds, resources }: RefreshOptions,
  deadlineSeconds: number | undefined,
): Container {
  return {
    name: REFRESHER,
    ...(image === undefined ? {} : { image }),
    ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
    args: ["--watch"],
    restartPolicy: "Always",
    env: emptyRequest({ deadlineSeconds, refreshSeconds: seconds }),
    resources: toQuantities(resources),
    ...(securityContext === undefined ? {} : { securityContext }),
    ...(terminationMessagePolicy === undefined ? {} : { terminationMessagePolicy }),
    volumeMounts: [WRITE_MOUNT],
  };
}
