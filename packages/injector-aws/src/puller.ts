/**
 * The init container that fetches one secret: the contract of Flyte's sidecar image
 * (aws-samples/aws-secret-sidecar-injector). It gets SECRET_ARN, and writes the value to /tmp + SECRET_FILENAME.
 */
import {
  SecretError,
  cleanPath,
  isAtOrBelow,
  literalEnvValue,
  quoted,
  type Container,
  type Pod,
} from "@pod-secrets/core";
import { toQuantities } from "@pod-secrets/fetch-container";

import type { SidecarOptions } from "./options.ts";

/** Volume that all pullers of a pod write to, and all other containers read (Flyte v1.16.8 and v2.0). */
export const VOLUME_NAME = "aws-secret-vol";
/** Pullers are named so, with a number behind it (Flyte v1.16.8 and v2.0). */
const NAME_PREFIX = "aws-pull-secret-";
/** Where the image writes to, whatever SECRET_FILENAME says. */
const WRITE_DIRECTORY = "/tmp";

/** What a puller fetches, and to where. */
export interface Pull {
  /** Group and key joined by one colon: an ARN when they are right. */
  readonly arn: string;
  /** Path below the mount root, with a slash at its start. */
  readonly file: string;
}

type SecurityContextField = NonNullable<Container["securityContext"]>;

/** A puller for a pod that does not have it yet. */
export function createPuller(pod: Pod, pull: Pull, options: SidecarOptions): Container {
  const { image, imagePullPolicy, securityContext } = options;
  return {
    name: freeName(pod),
    image,
    ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
    // The kubelet would expand `$(NAME)` in a name that the user chose.
    env: [
      { name: "SECRET_ARN", value: literalEnvValue(pull.arn) },
      { name: "SECRET_FILENAME", value: literalEnvValue(pull.file) },
    ],
    resources: toQuantities(options.resources),
    ...(securityContext === undefined ? {} : { securityContext: securityContext as SecurityContextField }),
    volumeMounts: [{ name: VOLUME_NAME, mountPath: WRITE_DIRECTORY }],
  };
}

/**
 * The puller of the pod that fetches the same secret to the same file, whatever its number.
 * @throws SecretError `E_FILE_COLLISION` when one fetches another secret to that file, or where the file needs
 * a directory
 */
export function findPuller(pod: Pod, pull: Pull): Container | undefined {
  const arn = literalEnvValue(pull.arn);
  const path = writtenTo(literalEnvValue(pull.file));
  for (const container of pod.spec?.initContainers ?? []) {
    if (!isPuller(container)) continue;
    const existing = envValue(container, "SECRET_FILENAME");
    if (existing === undefined) continue;
    const taken = writtenTo(existing);
    if (taken === path && envValue(container, "SECRET_ARN") === arn) return container;
    if (isAtOrBelow(taken, path) || isAtOrBelow(path, taken)) throw collision(container, existing);
  }
  return undefined;
}

/**
 * Takes back what an edit of all containers did to the pullers that the pod had before: each has what belongs to
 * its own secret and no more. Otherwise the first would get env vars of the second, and the second those of the
 * first only when the API server calls again.
 */
export function keepPullers(before: Pod, after: Pod): Pod {
  const pullers = new Map<string, Container>();
  for (const container of before.spec?.initContainers ?? []) {
    if (isPuller(container)) pullers.set(container.name, container);
  }
  if (pullers.size === 0 || !after.spec?.initContainers) return after;
  const initContainers = after.spec.initContainers.map((container) => pullers.get(container.name) ?? container);
  return { ...after, spec: { ...after.spec, initContainers } };
}

function isPuller({ name }: Container): boolean {
  return name.startsWith(NAME_PREFIX);
}

/** The file's whole path in the puller, to compare it. */
function writtenTo(file: string): string {
  return cleanPath(WRITE_DIRECTORY + file);
}

function envValue(container: Container, name: string): string | undefined {
  return container.env?.find((entry) => entry.name === name)?.value;
}

function collision(container: Container, file: string): SecretError {
  const message = `init container ${quoted(container.name)} writes another secret to ${quoted(file, 160)}`;
  return new SecretError("E_FILE_COLLISION", message);
}

/** Flyte's number, the count of init containers before it; the next one that is free where that is taken. */
function freeName(pod: Pod): string {
  const before = pod.spec?.initContainers ?? [];
  const taken = new Set([...before, ...(pod.spec?.containers ?? [])].map((container) => container.name));
  let number = before.length;
  while (taken.has(`${NAME_PREFIX}${number}`)) number++;
  return `${NAME_PREFIX}${number}`;
}
