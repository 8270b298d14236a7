/** Paths in a container, to compare them: a pod keeps what its user wrote. */
import type { VolumeMount } from "../pod.ts";

/** What a clean path has not: two slashes in a row, a part that begins with a dot, a slash at the end. */
const MAY_BE_UNCLEAN = /\/(?:[/.]|$)/;

/** Longest path of Linux, in bytes with the NUL at its end (`PATH_MAX`). */
const MAX_PATH = 4096;

/** Whether a path needs no cleaning. */
export function isCleanPath(path: string): boolean {
  return path.startsWith("/") && !MAY_BE_UNCLEAN.test(path);
}

/**
 * The path as the runtime takes it, by Go's `path.Clean`: without empty parts, `.`, `..` and a slash at the end.
 * It is absolute, for the kubelet puts a slash before a mount path that is not.
 */
export function cleanPath(path: string): string {
  // Nothing can be mounted there, and to take it apart for each secret would take long.
  if (path.length > MAX_PATH) return path;
  if (isCleanPath(path)) return path;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** Longest path that is looked through sooner than it is looked up. */
const SHORT = 64;

const CLEAN = new WeakMap<VolumeMount, { readonly written: string; readonly clean: string }>();

/** Where a mount is, clean. Every secret asks it of every mount, and to take a path of 4,096 characters apart takes long. */
export function cleanMountPath(mount: VolumeMount): string {
  const { mountPath } = mount;
  if (mountPath.length <= SHORT && isCleanPath(mountPath)) return mountPath;
  let known = CLEAN.get(mount);
  if (known?.written !== mountPath) {
    known = { written: mountPath, clean: cleanPath(mountPath) };
    CLEAN.set(mount, known);
  }
  return known.clean;
}

/** Whether a path is the directory or lies in it; both are clean. */
export function isAtOrBelow(path: string, directory: string): boolean {
  if (path.length <= directory.length) return path === directory;
  return directory === "/" || (path[directory.length] === "/" && path.startsWith(directory));
}
