/**
 * Bounds on the work of one admission. All admissions share one thread, and the API server validates a pod only after
 * the webhooks, so whoever may create pods could otherwise hold up everybody's.
 */
import { SecretError } from "./errors.ts";
import type { JsonObject } from "./object-change.ts";
import type { PatchOperation } from "./patch.ts";
import type { Annotations, Pod } from "./pod.ts";
import { MAX_ANNOTATIONS_BYTES } from "./pod-check/pod-validity.ts";
import { isAnnouncement } from "./pod-editing/announced-mounts.ts";
import { isCleanPath } from "./pod-editing/mount-path.ts";

/** Most secrets times containers: each secret goes into each container. 256 secrets in 39 containers still do. */
const MAX_PLACEMENTS = 10_000;
/** Most containers; a user's env var is looked for among those of all. A node runs no pod with so many. */
const MAX_CONTAINERS = 1000;
/** Most secrets times entries of the pod: each secret is compared with each. 256 secrets in 39 containers still are. */
const MAX_COMPARISONS = 3_000_000;
/** A path that has to be taken apart before it is compared takes as long as so many others. */
const UNCLEAN_WEIGHT = 3;
/** An annotation that announces a file or a directory is read again for each secret that brings another one. */
const ANNOUNCEMENT_WEIGHT = 10;
/** Most characters that the secrets may add to a pod. etcd takes no object over 1.5 MiB (`--max-request-bytes`). */
const MAX_ADDED_LENGTH = 1_572_864;

/**
 * Checks the annotations before anything reads them. A length in UTF-16 units is never more than the bytes that the API
 * server counts.
 * @throws SecretError `E_POD_INVALID`
 */
export function checkAnnotationLength(annotations: Annotations | null | undefined): void {
  let length = 0;
  // What is no text is refused later, with its own words.
  for (const [key, value] of Object.entries<unknown>(annotations ?? {})) length += key.length + textLength(value);
  if (length > MAX_ANNOTATIONS_BYTES) {
    const message = `the annotations take at least ${length} bytes, and ${MAX_ANNOTATIONS_BYTES} are allowed`;
    throw new SecretError("E_POD_INVALID", message, "Ask for fewer secrets, or shorten the annotations.");
  }
}

/**
 * Checks how often a secret would have to be put into a container, and with how much that is there it would have to be
 * compared.
 * @throws SecretError `E_TOO_MANY_SECRETS`
 */
export function checkPlacements(pod: Pod, secrets: number): void {
  checkWork(pod, secrets, 0);
}

/**
 * Checks the pod that the API server may call again with: what {@link checkPlacements} would refuse then is refused now.
 * @throws SecretError `E_TOO_MANY_SECRETS`
 */
export function checkResult(pod: Pod, secrets: number): void {
  const { initContainers, containers } = pod.spec ?? { containers: [] };
  // A volume with the token of the service account, and a mount of it in each container.
  checkWork(pod, secrets, 1 + (initContainers ?? []).length + (containers ?? []).length);
}

function checkWork({ metadata, spec }: Pod, secrets: number, more: number): void {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  if (containers.length > MAX_CONTAINERS) {
    throw tooMany(`a pod with ${containers.length} containers gets no secrets, but one with ${MAX_CONTAINERS} does`);
  }
  if (secrets * containers.length > MAX_PLACEMENTS) {
    throw tooMany(
      `${secrets} secrets in ${containers.length} containers are more than the ${MAX_PLACEMENTS} places that are filled`,
    );
  }
  let entries = more + announcements(metadata?.annotations) * ANNOUNCEMENT_WEIGHT;
  for (const { secret } of spec?.volumes ?? []) entries += 1 + (secret?.items ?? []).length;
  for (const { env, volumeMounts } of containers) {
    entries += (env ?? []).length;
    for (const { mountPath } of volumeMounts ?? []) entries += isCleanPath(mountPath) ? 1 : UNCLEAN_WEIGHT;
  }
  if (secrets * entries > MAX_COMPARISONS) {
    throw tooMany(
      `${secrets} secrets beside ${entries} volumes, keys, mounts, env vars and annotations are more than the ${MAX_COMPARISONS} pairs that are compared`,
    );
  }
}

/** Annotations from which the mounts and files of another webhook are read. */
function announcements(annotations: Annotations | null | undefined): number {
  return Object.keys(annotations ?? {}).filter(isAnnouncement).length;
}

function tooMany(message: string): SecretError {
  return new SecretError("E_TOO_MANY_SECRETS", message, "Ask for fewer secrets, or split the pod.");
}

/**
 * Checks how much a patch adds, before it is written as JSON.
 * @throws SecretError `E_POD_INVALID`
 */
export function checkPatchLength(patch: readonly PatchOperation[]): void {
  // All containers get the same env vars, so each value is measured once.
  const lengths = new Map<unknown, number>();
  const lengthOf = (value: unknown): number => {
    const length = lengths.get(value) ?? textLength(value);
    lengths.set(value, length);
    return length;
  };
  let length = 0;
  for (const operation of patch) {
    length += operation.path.length + (operation.op === "remove" ? 0 : lengthOf(operation.value));
    if (length > MAX_ADDED_LENGTH) {
      const message = `the secrets would add more than ${MAX_ADDED_LENGTH} bytes to the pod, which is more than the cluster stores`;
      throw new SecretError("E_POD_INVALID", message, "Ask for large values as files, or in fewer containers.");
    }
  }
}

/** Characters in all texts of a JSON value. */
function textLength(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 1;
  let length = 0;
  for (const key of Object.keys(value)) length += key.length + textLength((value as JsonObject)[key]);
  return length;
}
