/** Where the agent writes a secret, and who else wants to be there. */
import {
  SecretError,
  VAULT_AGENT,
  annotation,
  cleanPath,
  isAtOrBelow,
  quoted,
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

/** A file that the agent writes, and the annotation that says so. */
export interface AgentFile {
  readonly annotation: string;
  readonly file: string;
  /** The file's whole path, clean. */
  readonly path: string;
}

/** The files that the agent writes in a pod. */
export interface AgentFiles {
  of(pod: Pod): readonly AgentFile[];
  /** Takes note of what `after` has beyond `before`: of `added`, what was not there. */
  remember(before: Pod, after: Pod, added: Annotations): void;
}

/** Reads the annotations of a pod once, and not again for each of its secrets. */
export function createAgentFiles(): AgentFiles {
  const known = new WeakMap<Annotations, readonly AgentFile[]>();
  const filesOf = (annotations: Annotations, directory: string): readonly AgentFile[] => {
    const files = known.get(annotations) ?? filesIn(annotations, directory);
    known.set(annotations, files);
    return files;
  };
  return {
    of: (pod) => filesOf(annotationsOf(pod), volumePath(pod)),
    remember(before, after, added) {
      const existing = annotationsOf(before);
      if (annotationsOf(after) === existing) return;
      // What was added may be the directory itself.
      const directory = volumePath(after);
      const files = filesIn(added, directory).filter((file) => !Object.hasOwn(existing, file.annotation));
      known.set(annotationsOf(after), [...filesOf(existing, directory), ...files]);
    },
  };
}

/**
 * Checks that no other secret of the pod is that file, or a directory of that name.
 * @param all the files of the pod
 * @param own the annotation with this secret's own file
 * @throws SecretError `E_FILE_COLLISION`
 */
export function checkFileIsFree(pod: Pod, file: string, all: readonly AgentFile[], own: string): void {
  const path = cleanPath(`${volumePath(pod)}/${file}`);
  for (const other of all) {
    if (other.annotation === own) continue;
    if (!isAtOrBelow(other.path, path) && !isAtOrBelow(path, other.path)) continue;
    // A file with a volume path of its own is elsewhere.
    const id = idOf(other.annotation);
    if (Object.hasOwn(annotationsOf(pod), `${VAULT_AGENT.volumePath}-${id}`)) continue;
    const message = `file ${quoted(file, 100)} and file ${quoted(other.file, 100)} of another Vault secret of this pod exclude each other`;
    throw new SecretError("E_FILE_COLLISION", message);
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

function volumePath(pod: Pod): string {
  return annotation(pod, VAULT_AGENT.volumePath) ?? VAULT_AGENT.defaultVolumePath;
}

function filesIn(annotations: Annotations, directory: string): readonly AgentFile[] {
  const names = Object.keys(annotations).filter((name) => name.startsWith(VAULT_AGENT.filePrefix));
  return names.map((name) => {
    const file = annotations[name] ?? "";
    // Where the annotation is empty, vault-k8s 1.7.6 takes the id as the file's name.
    return { annotation: name, file, path: cleanPath(`${directory}/${file === "" ? idOf(name) : file}`) };
  });
}

function idOf(name: string): string {
  return name.slice(VAULT_AGENT.filePrefix.length);
}

function withoutEndSlash(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}
