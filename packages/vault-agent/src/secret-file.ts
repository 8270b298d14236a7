/** Where the agent writes a secret, and who else wants to be there. */
import {
  SecretError,
  VAULT_AGENT,
  agentDirectories,
  agentFiles,
  cleanMountPath,
  cleanPath,
  isAtOrBelow,
  quoted,
  type AgentDirectory,
  type AgentFile,
  type Annotations,
  type InjectionContext,
  type Pod,
  type SecretRequest,
} from "@pod-secrets/core";

import type { FileCase } from "./options.ts";

/**
 * File of a secret, below the mount root.
 * @throws SecretError `E_PATH_UNSAFE`
 */
export function secretFile(request: SecretRequest, { naming }: InjectionContext, fileCase: FileCase): string {
  const lower = naming.filePath(request).slice(naming.mountRoot.length + 1);
  return fileCase === "lower" ? lower : `${withoutEndSlash(request.group)}/${withoutEndSlash(request.key)}`;
}

/** What annotations of a pod make of its Vault secrets. */
export interface AgentSecrets {
  readonly files: readonly AgentFile[];
  readonly directories: readonly CleanDirectory[];
}

/** A directory, and its whole path, clean. */
interface CleanDirectory extends AgentDirectory {
  readonly clean: string;
}

/** What is known of pods. */
export interface KnownSecrets {
  of(pod: Pod): AgentSecrets;
  /**
   * Takes note of what `after` has beyond `before`: of `added`, what was not there.
   * @returns what came with it
   */
  remember(before: Pod, after: Pod, added: Annotations): AgentSecrets;
}

/** Reads the annotations of a pod once, and not again for each of its secrets. */
export function createKnownSecrets(): KnownSecrets {
  const known = new WeakMap<Annotations, AgentSecrets>();
  return {
    of(pod) {
      const annotations = annotationsOf(pod);
      const secrets = known.get(annotations) ?? secretsIn(annotations);
      known.set(annotations, secrets);
      return secrets;
    },
    remember(before, after, added) {
      const existing = annotationsOf(before);
      const annotations = annotationsOf(after);
      if (annotations === existing) return NOTHING;
      const isNew = ({ annotation }: AgentFile | AgentDirectory): boolean => !Object.hasOwn(existing, annotation);
      // What was added may be the directory of all, so those that nobody noted yet are read with it.
      const old = known.get(existing) ?? secretsIn(annotations, existing);
      const { files, directories } = secretsIn(annotations, added);
      const fresh = { files: files.filter(isNew), directories: directories.filter(isNew) };
      known.set(annotations, {
        files: [...old.files, ...fresh.files],
        directories: [...old.directories, ...fresh.directories],
      });
      return fresh;
    },
  };
}

const NOTHING: AgentSecrets = { files: [], directories: [] };

function secretsIn(annotations: Annotations, some: Annotations = annotations): AgentSecrets {
  const directories = agentDirectories(annotations, some).map((directory) => ({
    ...directory,
    clean: cleanPath(directory.path),
  }));
  return { files: agentFiles(annotations, some), directories };
}

/**
 * Checks that no other secret of the pod is one of some files, or a directory of that name.
 * @param all the files of the pod
 * @throws SecretError `E_FILE_COLLISION`
 */
export function checkFilesAreFree(files: readonly AgentFile[], all: readonly AgentFile[]): void {
  for (const file of files) {
    const other = all.find((candidate) => excludes(candidate, file));
    if (other === undefined) continue;
    const message = `file ${quoted(file.file, 100)} and file ${quoted(other.file, 100)} of another Vault secret of this pod exclude each other`;
    throw new SecretError("E_FILE_COLLISION", message);
  }
}

function excludes(one: AgentFile, other: AgentFile): boolean {
  if (one.annotation === other.annotation) return false;
  return isAtOrBelow(one.path, other.path) || isAtOrBelow(other.path, one.path);
}

/** How the ids of our secrets start. */
export const ID_PREFIX = "fs-";

/**
 * Checks that no directory of another secret lies over the file of one of ours: it would be another volume.
 * @throws SecretError `E_MOUNT_CONFLICT`
 */
export function checkDirectories({ files, directories }: AgentSecrets, { naming }: InjectionContext): void {
  const ours = files.filter((file) => file.annotation.startsWith(VAULT_AGENT.filePrefix + ID_PREFIX));
  if (ours.length === 0) return;
  for (const { annotation, path, clean } of directories) {
    if (!isAtOrBelow(clean, naming.mountRoot)) continue;
    const hidden = ours.find((file) => isAtOrBelow(file.path, clean));
    if (hidden === undefined) continue;
    const message = `annotation ${annotation} makes another volume at ${quoted(path, 60)}, which would hide ${quoted(hidden.path, 60)}`;
    throw new SecretError(
      "E_MOUNT_CONFLICT",
      message,
      "Remove the annotation from the pod, or choose another directory.",
    );
  }
}

/**
 * Checks that no container has another volume mounted below the mount root and over the file: it would be there,
 * and hidden.
 * @param path the file's whole path
 * @throws SecretError `E_MOUNT_CONFLICT`
 */
export function checkFileIsVisible({ spec }: Pod, { naming }: InjectionContext, path: string): void {
  for (const container of [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]) {
    for (const mount of container.volumeMounts ?? []) {
      const { name, mountPath } = mount;
      if (name === VAULT_AGENT.volume) continue;
      const over = cleanMountPath(mount);
      const isInside = over !== naming.mountRoot && isAtOrBelow(over, naming.mountRoot);
      if (!isInside || !isAtOrBelow(path, over)) continue;
      const message = `in container ${quoted(container.name)} volume ${quoted(name)} at ${quoted(mountPath, 60)} hides ${quoted(path, 60)}`;
      throw new SecretError("E_MOUNT_CONFLICT", message);
    }
  }
}

const NONE: Annotations = {};

function annotationsOf({ metadata }: Pod): Annotations {
  return metadata?.annotations ?? NONE;
}

function withoutEndSlash(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}
