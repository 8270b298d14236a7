/** Where the agent writes a secret, and who else wants to be there. */
import {
  SecretError,
  VAULT_AGENT,
  agentFiles,
  cleanPath,
  isAtOrBelow,
  quoted,
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

/** The files that the agent writes in a pod. */
export interface AgentFiles {
  of(pod: Pod): readonly AgentFile[];
  /**
   * Takes note of what `after` has beyond `before`: of `added`, what was not there.
   * @returns the files that came with it
   */
  remember(before: Pod, after: Pod, added: Annotations): readonly AgentFile[];
}

/** Reads the annotations of a pod once, and not again for each of its secrets. */
export function createAgentFiles(): AgentFiles {
  const known = new WeakMap<Annotations, readonly AgentFile[]>();
  return {
    of(pod) {
      const annotations = annotationsOf(pod);
      const files = known.get(annotations) ?? agentFiles(annotations);
      known.set(annotations, files);
      return files;
    },
    remember(before, after, added) {
      const existing = annotationsOf(before);
      const annotations = annotationsOf(after);
      if (annotations === existing) return [];
      const isNew = ({ annotation }: AgentFile): boolean => !Object.hasOwn(existing, annotation);
      const files = agentFiles(annotations, added).filter(isNew);
      // What was added may be the directory itself, so those that nobody noted yet are read with it.
      known.set(annotations, [...(known.get(existing) ?? agentFiles(annotations, existing)), ...files]);
      return files;
    },
  };
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

/**
 * Checks that no container has another volume mounted below the mount root and over the file: it would be there,
 * and hidden.
 * @param path the file's whole path
 * @throws SecretError `E_MOUNT_CONFLICT`
 */
export function checkFileIsVisible({ spec }: Pod, { naming }: InjectionContext, path: string): void {
  for (const container of [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]) {
    for (const { name, mountPath } of container.volumeMounts ?? []) {
      if (name === VAULT_AGENT.volume) continue;
      const over = cleanPath(mountPath);
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
