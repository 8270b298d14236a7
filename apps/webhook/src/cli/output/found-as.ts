/** Where the task finds a secret in the pod as it will be. Only what the pod shows is claimed. */
import {
  SecretError,
  agentFiles,
  cleanPath,
  isAtOrBelow,
  type Naming,
  type Pod,
  type SecretRequest,
  type Volume,
  type VolumeMount,
} from "@pod-secrets/core";

import { filesOf, isFetching, writtenFiles } from "./written-files.ts";

export interface FoundAs {
  readonly as: "env" | "file";
  /** Name of the env var, or path of the file. */
  readonly name: string;
  /** The Kubernetes Secret that the kubelet takes the value from; absent when it comes from elsewhere. */
  readonly secret?: string;
  /** The value itself stands in the pod: whoever may read pods reads it. Absent when it does not. */
  readonly inPod?: true;
}

/**
 * The task looks for an env var first, and for a file when there is none. A secret that has a name of its own, and not
 * that of group and key, is where an init container says that it writes it.
 * @param before the pod before this secret was added
 * @returns undefined when the pod has neither, nor anything that will write the file
 */
export function foundAs(request: SecretRequest, before: Pod, pod: Pod, naming: Naming): FoundAs | undefined {
  const path = newlyWritten(before, pod, naming) ?? pathOf(request, naming);
  return foundAsEnv(naming.envName(request), pod) ?? (path === undefined ? undefined : foundAsFile(path, pod, naming));
}

function newlyWritten(before: Pod, pod: Pod, { mountRoot }: Naming): string | undefined {
  const earlier = writtenFiles(before.spec, mountRoot);
  return [...writtenFiles(pod.spec, mountRoot)].find((path) => !earlier.has(path));
}

/** Group and key need be no path where the manager has names of its own. */
function pathOf(request: SecretRequest, naming: Naming): string | undefined {
  try {
    return naming.filePath(request);
  } catch (error) {
    if (error instanceof SecretError) return undefined;
    throw error;
  }
}

function foundAsEnv(name: string, { spec }: Pod): FoundAs | undefined {
  const entry = (spec?.containers ?? []).flatMap(({ env }) => env ?? []).find((one) => one.name === name);
  if (entry === undefined) return undefined;
  // Go writes null for what is not there.
  const valueFrom = entry.valueFrom ?? undefined;
  return valueFrom === undefined ? { as: "env", name, inPod: true } : found("env", name, valueFrom.secretKeyRef?.name);
}

function foundAsFile(path: string, pod: Pod, naming: Naming): FoundAs | undefined {
  if (agentFiles(pod.metadata?.annotations ?? {}).some((file) => file.path === path)) return found("file", path);
  for (const { volumeMounts } of pod.spec?.containers ?? []) {
    const mount = innermost(path, volumeMounts ?? []);
    const volume = pod.spec?.volumes?.find(({ name }) => name === mount?.name);
    if (mount === undefined || volume === undefined) continue;
    // Behind the root there is no slash.
    const file = path.slice(mount.directory.length).replace(/^\//, "");
    const inVolume = foundInVolume(path, file, volume, pod, naming);
    if (inVolume !== undefined) return inVolume;
  }
  return undefined;
}

/** The mount that a path is in: the innermost one hides the others. */
function innermost(
  path: string,
  mounts: readonly VolumeMount[],
): { readonly name: string; readonly directory: string } | undefined {
  return mounts
    .map(({ name, mountPath }) => ({ name, directory: cleanPath(mountPath) }))
    .filter(({ directory }) => path !== directory && isAtOrBelow(path, directory))
    .toSorted((left, right) => right.directory.length - left.directory.length)[0];
}

/** @param file the path in the volume */
function foundInVolume(path: string, file: string, volume: Volume, pod: Pod, naming: Naming): FoundAs | undefined {
  // Go writes null for what is not there.
  const secret = volume.secret ?? undefined;
  const items = secret?.items ?? undefined;
  if (secret === undefined) {
    // An empty directory has what an init container writes into it.
    return "emptyDir" in volume && !isFilled(volume.name, path, pod, naming) ? undefined : found("file", path);
  }
  const isThere = items === undefined || items.some((item) => item.path === file);
  return isThere ? found("file", path, secret.secretName) : undefined;
}

function found(as: FoundAs["as"], name: string, secret?: string): FoundAs {
  return secret === undefined ? { as, name } : { as, name, secret };
}

/** Whoever says what it writes, writes nothing else. */
function isFilled(volume: string, path: string, { spec }: Pod, { mountRoot }: Naming): boolean {
  const writers = (spec?.initContainers ?? []).filter((one) => one.volumeMounts?.some(({ name }) => name === volume));
  return writers.some((container) => {
    const files = filesOf(container, mountRoot);
    return files.length === 0 ? !isFetching(container) : files.includes(path);
  });
}
