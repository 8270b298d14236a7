/**
 * The init container that fetches all secrets of a pod, whichever managers have them, and the volume that it writes to.
 * There is one of each per pod: the second secret finds those of the first.
 */
import {
  FETCHING_PREFIX,
  SecretError,
  addInitContainer,
  addVolume,
  type Container,
  type EnvVar,
  type Pod,
  type VolumeMount,
} from "@pod-secrets/core";
import {
  REQUEST_ENV_VAR,
  REQUEST_PART_PREFIX,
  formatRequest,
  type FetchRequest,
} from "@pod-secrets/secret-fetch/request";

import type { FetcherOptions } from "./options.ts";
import { toQuantities } from "./resources.ts";
import { restrictedContext } from "./restricted-context.ts";

/** Name of the container, and of the volume. */
export const FETCHER: string = `${FETCHING_PREFIX}fetch`;
/**
 * Where the container has the volume, writable. Not where the task has it: what other webhooks mount into every
 * container at the secrets directory must not hide it.
 */
const WRITE_DIRECTORY = "/run/pod-secrets";
/** The mount of a container that writes to the volume. */
export const WRITE_MOUNT: VolumeMount = { name: FETCHER, mountPath: WRITE_DIRECTORY };
/** What is the same in all pods; everything else is in further parts. */
const BASE = { name: REQUEST_ENV_VAR, value: formatRequest({ version: 1, volume: WRITE_DIRECTORY }) };
/** User of the image, and of distroless' `nonroot`. */
const DEFAULT_USER = 65_532;

/**
 * The pod with container and volume, which it may have already: then they stay as they are.
 * @throws SecretError `E_CONTAINER_CONFLICT`, `E_VOLUME_CONFLICT`, or `E_POD_INVALID` for a pod that is not for Linux
 */
export function addFetcher(pod: Pod, options: FetcherOptions): Pod {
  if (pod.spec?.os?.name === "windows") {
    const message = "the pod is for Windows, and the init container that fetches its secrets is for Linux";
    throw new SecretError("E_POD_INVALID", message, "Run the pod on Linux, or get its secrets from another manager.");
  }
  const withVolume = addFetchVolume(pod, options);
  // Not by its image: a webhook between two calls may take that from a mirror.
  return pod.spec?.initContainers?.some(isFetcher) === true
    ? withVolume
    : addInitContainer(withVolume, createFetcher(pod, options), "first");
}

/** Whether a container is the one that fetches the secrets of its pod. */
export function isFetcher(container: Container): boolean {
  return container.name === FETCHER && hasRequest(container);
}

/** Whether the program finds its request in the container's env. */
export function hasRequest({ env }: Container): boolean {
  return (env ?? []).some(({ name, value }) => name === BASE.name && value === BASE.value);
}

/** The request of a container that has no secret to fetch yet, as its env. */
export function emptyRequest(limits: Pick<FetchRequest, "deadlineSeconds" | "refreshSeconds">): readonly EnvVar[] {
  const text = formatRequest(limits);
  return text === "{}" ? [BASE] : [BASE, { name: `${REQUEST_PART_PREFIX}limits`, value: text }];
}

function addFetchVolume(pod: Pod, { sizeLimit }: FetcherOptions): Pod {
  // Its size is not compared: the API server writes 1024Mi as 1Gi, and another manager may have another limit.
  const isThere = pod.spec?.volumes?.some(({ name, emptyDir }) => name === FETCHER && emptyDir?.medium === "Memory");
  return isThere === true ? pod : addVolume(pod, { name: FETCHER, emptyDir: { medium: "Memory", sizeLimit } });
}

function createFetcher(pod: Pod, options: FetcherOptions): Container {
  const { image, imagePullPolicy, deadlineSeconds, runAsUser = userOf(pod) } = options;
  return {
    name: FETCHER,
    image,
    ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
    env: emptyRequest({ deadlineSeconds }),
    resources: toQuantities(options.resources),
    securityContext: restrictedContext(runAsUser),
    // Of a program that was killed, its log says more than nothing.
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [WRITE_MOUNT],
  };
}

/**
 * The user of all containers, where they have one and it is not root. With another beside it, the kubelet would let
 * everybody in the pod read the tokens of its service account (k8s.io/kubernetes, `pkg/volume/projected`); and OpenShift
 * takes no user from outside of the namespace's range.
 */
function userOf({ spec }: Pod): number {
  const ofPod = spec?.securityContext?.runAsUser;
  const users = new Set(
    [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(
      ({ securityContext }) => securityContext?.runAsUser ?? ofPod,
    ),
  );
  const [user] = users;
  return users.size === 1 && user !== undefined && user > 0 ? user : DEFAULT_USER;
}
