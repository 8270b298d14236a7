/**
 * Init containers that fetch one secret each into a memory volume, as the sidecars of Flyte v1.16.8 and v2.0 do. What a
 * puller fetches, and to where, is read off the container again: the API server may call twice.
 */
import {
  SecretError,
  addFileLookup,
  addInitContainer,
  addMount,
  addVolume,
  cleanPath,
  isAtOrBelow,
  quoted,
  type Container,
  type InjectionContext,
  type Pod,
  type SecretRequest,
} from "@pod-secrets/core";
import { toQuantities } from "@pod-secrets/fetch-container";

import type { SidecarOptions } from "./options.ts";

/** What pullers of one manager have in common. */
export interface Sidecar {
  /** Volume that all pullers of a pod write to, and all other containers read. */
  readonly volume: string;
  /** Pullers are named so, with a number behind it. */
  readonly namePrefix: string;
  /** Directory at which a puller has the volume; that of the task's files when left out. */
  readonly writeDirectory?: string | undefined;
  /** Whether a puller has the `env_var` of its own secret, too, for which it has no use. */
  readonly hasEnvVar: boolean;
  /** What a container fetches that is named as a puller; undefined when it is none. */
  readonly pullOf: (container: Container) => Pull | undefined;
}

/** What a puller fetches, and to where. */
export interface Pull {
  /** What is the same for the same secret only. */
  readonly secret: string;
  /** Absolute path of the file, as the puller sees it. */
  readonly file: string;
}

/** How a puller is told what to fetch. */
export type Order = Required<Pick<Container, "command">> | Required<Pick<Container, "env">>;

type SecurityContextField = NonNullable<Container["securityContext"]>;

/**
 * Lets the pod have a secret as a file that a puller of its own brings; one that is there already changes nothing.
 * @param order what makes a container such a puller: `sidecar.pullOf` has to give its pull
 * @throws SecretError `E_FILE_COLLISION`, `E_MOUNT_CONFLICT` beside files of another kind of manager,
 * `E_VOLUME_CONFLICT`, and as `addFileLookup`
 */
export function addPulledFile(
  pod: Pod,
  context: InjectionContext,
  request: SecretRequest,
  sidecar: Sidecar,
  order: Order,
  options: SidecarOptions,
): Pod {
  const { mountRoot } = context.naming;
  const puller = createPuller(pod, sidecar, order, mountRoot, options);
  const withVolume = addVolume(pod, { name: sidecar.volume, emptyDir: { medium: "Memory" } });
  const withPuller = hasPuller(pod, puller, sidecar)
    ? withVolume
    : addInitContainer(withVolume, puller, options.position);
  // The pullers mount the volume already, writable: they keep that mount.
  const mounted = addMount(withPuller, context, { name: sidecar.volume, readOnly: true, mountPath: mountRoot });
  if (sidecar.hasEnvVar) return keepPullers(pod, addFileLookup(mounted, context, request), sidecar);
  const told = keepPullers(pod, addFileLookup(mounted, context, { ...request, envVar: "" }), sidecar);
  return keepPullers(told, addFileLookup(told, context, request), sidecar);
}

function createPuller(
  pod: Pod,
  sidecar: Sidecar,
  order: Order,
  mountRoot: string,
  { image, imagePullPolicy, resources, securityContext }: SidecarOptions,
): Container {
  const { volume, writeDirectory = mountRoot } = sidecar;
  return {
    name: freeName(pod, sidecar),
    image,
    ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
    ...order,
    resources: toQuantities(resources),
    ...(securityContext === undefined ? {} : { securityContext: securityContext as SecurityContextField }),
    volumeMounts: [{ name: volume, mountPath: writeDirectory }],
  };
}

/**
 * Whether the pod has a puller of the same secret to the same file, whatever its number.
 * @throws SecretError `E_FILE_COLLISION` when one fetches another secret to that file, or where the file needs
 * a directory
 */
function hasPuller(pod: Pod, puller: Container, sidecar: Sidecar): boolean {
  const wanted = sidecar.pullOf(puller);
  if (wanted === undefined) return false;
  const path = cleanPath(wanted.file);
  for (const container of pod.spec?.initContainers ?? []) {
    const existing = pullOf(container, sidecar);
    if (existing === undefined) continue;
    const taken = existing.path;
    if (taken === path && existing.secret === wanted.secret) return true;
    if (isAtOrBelow(taken, path) || isAtOrBelow(path, taken)) throw collision(container, existing.file);
  }
  return false;
}

/**
 * Takes back what an edit of all containers did to the pullers that the pod had before: each has what belongs to
 * its own secret and no more. Otherwise the first would get env vars of the second, and the second those of the
 * first only when the API server calls again.
 */
function keepPullers(before: Pod, after: Pod, sidecar: Sidecar): Pod {
  const pullers = new Map<string, Container>();
  for (const container of before.spec?.initContainers ?? []) {
    if (pullOf(container, sidecar) !== undefined) pullers.set(container.name, container);
  }
  if (pullers.size === 0 || !after.spec?.initContainers) return after;
  const initContainers = after.spec.initContainers.map((container) => pullers.get(container.name) ?? container);
  return { ...after, spec: { ...after.spec, initContainers } };
}

/** A pull, and the whole path of its file, clean. */
interface FoundPull extends Pull {
  readonly path: string;
}

/** What containers were found to fetch: every secret asks it of each several times, and a script may have megabytes. */
const FOUND = new WeakMap<Sidecar, WeakMap<Container, FoundPull | undefined>>();

function pullOf(container: Container, sidecar: Sidecar): FoundPull | undefined {
  if (!container.name.startsWith(sidecar.namePrefix)) return undefined;
  const found = FOUND.get(sidecar) ?? new WeakMap<Container, FoundPull | undefined>();
  FOUND.set(sidecar, found);
  if (!found.has(container)) {
    const pull = sidecar.pullOf(container);
    found.set(container, pull === undefined ? undefined : { ...pull, path: cleanPath(pull.file) });
  }
  return found.get(container);
}

function collision(container: Container, file: string): SecretError {
  const message = `init container ${quoted(container.name)} writes another secret to ${quoted(file, 160)}`;
  return new SecretError("E_FILE_COLLISION", message);
}

/** Flyte's number, the count of init containers before it; the next one that is free where that is taken. */
function freeName(pod: Pod, { namePrefix }: Sidecar): string {
  const before = pod.spec?.initContainers ?? [];
  const taken = new Set([...before, ...(pod.spec?.containers ?? [])].map((container) => container.name));
  let number = before.length;
  while (taken.has(`${namePrefix}${number}`)) number++;
  return `${namePrefix}${number}`;
}
