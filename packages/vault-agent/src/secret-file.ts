/** Where the agent writes a secret, and who else wants to be there. */
import { SecretError, quoted, type InjectionContext, type Pod, type SecretRequest } from "@pod-secrets/core";

import { AGENT_ANNOTATIONS, FILE_ANNOTATION_PREFIX } from "./annotations.ts";
import type { FileCase } from "./options.ts";

/** Name that the Vault Agent Injector gives the volume with the files (vault-k8s 1.7.6). */
export const AGENT_VOLUME = "vault-secrets";

/**
 * File of a secret, below the mount root.
 * @throws SecretError `E_PATH_UNSAFE`
 */
export function secretFile(request: SecretRequest, { naming }: InjectionContext, fileCase: FileCase): string {
  const lower = naming.filePath(request).slice(naming.mountRoot.length + 1);
  return fileCase === "lower" ? lower : `${withoutEndSlash(request.group)}/${withoutEndSlash(request.key)}`;
}

/**
 * Checks that no other secret of the pod is that file, or a directory of that name.
 * @param own the annotation with this secret's own file
 * @throws SecretError `E_FILE_COLLISION`
 */
export function checkFileIsFree({ metadata }: Pod, file: string, own: string): void {
  const annotations = metadata?.annotations ?? {};
  for (const name of Object.keys(annotations)) {
    if (!name.startsWith(FILE_ANNOTATION_PREFIX) || name === own) continue;
    const other = annotations[name] ?? "";
    if (!isAtOrBelow(other, file) && !isAtOrBelow(file, other)) continue;
    // A file with a volume path of its own is elsewhere.
    const id = name.slice(FILE_ANNOTATION_PREFIX.length);
    if (Object.hasOwn(annotations, `${AGENT_ANNOTATIONS.volumePath}-${id}`)) continue;
    const message = `file ${quoted(file, 100)} and file ${quoted(other, 100)} of another Vault secret of this pod exclude each other`;
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
      const over = withoutEndSlash(mountPath);
      const isInside = name !== AGENT_VOLUME && over.startsWith(`${naming.mountRoot}/`);
      if (!isInside || !isAtOrBelow(path, over)) continue;
      const message = `in container ${quoted(container.name)} volume ${quoted(name)} at ${quoted(mountPath, 60)} hides ${quoted(path, 60)}`;
      throw new SecretError("E_MOUNT_CONFLICT", message);
    }
  }
}

function isAtOrBelow(path: string, directory: string): boolean {
  return path.startsWith(directory) && (path.length === directory.length || path[directory.length] === "/");
}

function withoutEndSlash(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}
