/** Where the task finds a secret in the pod as it will be. Only what the pod shows is claimed. */
import { VAULT_AGENT, cleanPath, isAtOrBelow, type Naming, type Pod, type SecretRequest } from "@pod-secrets/core";

export interface FoundAs {
  readonly as: "env" | "file";
  /** Name of the env var, or path of the file. */
  readonly name: string;
  /** The Kubernetes Secret that the kubelet takes the value from; absent when it comes from elsewhere. */
  readonly secret?: string;
}

/**
 * The task looks for an env var first, and for a file when there is none.
 * @returns undefined when the pod has neither, nor anything that will write the file
 */
export function foundAs(request: SecretRequest, pod: Pod, naming: Naming): FoundAs | undefined {
  return foundAsEnv(naming.envName(request), pod) ?? foundAsFile(naming.filePath(request), pod);
}

function foundAsEnv(name: string, { spec }: Pod): FoundAs | undefined {
  const entry = (spec?.containers ?? []).flatMap(({ env }) => env ?? []).find((one) => one.name === name);
  return entry === undefined ? undefined : found("env", name, entry.valueFrom?.secretKeyRef?.name);
}

function foundAsFile(path: string, pod: Pod): FoundAs | undefined {
  if (isWrittenByVault(path, pod)) return found("file", path);
  for (const { volumeMounts } of pod.spec?.containers ?? []) {
    const mount = (volumeMounts ?? [])
      .map(({ name, mountPath }) => ({ name, directory: cleanPath(mountPath) }))
      .filter(({ directory }) => path !== directory && isAtOrBelow(path, directory))
      // The innermost mount hides the others.
      .toSorted((left, right) => right.directory.length - left.directory.length)[0];
    const volume = pod.spec?.volumes?.find(({ name }) => name === mount?.name);
    if (mount === undefined || volume === undefined) continue;
    // Go writes null for what is not there.
    const secret = volume.secret ?? undefined;
    const items = secret?.items ?? undefined;
    if (secret === undefined) {
      // An empty directory has what an init container writes into it.
      if ("emptyDir" in volume && !isFilled(volume.name, pod)) continue;
      return found("file", path);
    }
    // Behind the root there is no slash.
    const file = path.slice(mount.directory.length).replace(/^\//, "");
    if (items === undefined || items.some((item) => item.path === file)) return found("file", path, secret.secretName);
  }
  return undefined;
}

function found(as: FoundAs["as"], name: string, secret?: string): FoundAs {
  return secret === undefined ? { as, name } : { as, name, secret };
}

/** vault-k8s 1.7.6: the file's own directory, that of the pod, or the default. */
function isWrittenByVault(path: string, { metadata }: Pod): boolean {
  const annotations = new Map(Object.entries(metadata?.annotations ?? {}));
  const { filePrefix, volumePath, defaultVolumePath } = VAULT_AGENT;
  return [...annotations].some(([key, file]) => {
    if (!key.startsWith(filePrefix)) return false;
    const own = annotations.get(`${volumePath}-${key.slice(filePrefix.length)}`);
    const directory = own ?? annotations.get(volumePath) ?? defaultVolumePath;
    return path === cleanPath(`${directory}/${file}`);
  });
}

function isFilled(volume: string, { spec }: Pod): boolean {
  return (spec?.initContainers ?? []).some(({ volumeMounts }) => volumeMounts?.some(({ name }) => name === volume));
}
