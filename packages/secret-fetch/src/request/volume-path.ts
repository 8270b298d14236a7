/** Paths below the volume: they become files, and nothing of them may lead elsewhere. */
import { hasControlCharacters } from "@pod-secrets/core";

/** Longest name of a file (`NAME_MAX`), and longest path that the program writes to, in bytes. */
const MAX_NAME = 255;
const MAX_PATH = 1024;

/**
 * What is wrong with a path below the volume; undefined when nothing is.
 *
 * Relative, with `/` between its parts; each of them is a name, and none begins with two dots: those are the names
 * of the kubelet's and of the program's own folders.
 */
export function volumePathFault(path: string): string | undefined {
  if (path === "") return "must not be empty";
  if (path.startsWith("/")) return "must be relative to the volume: leave out the slash at its start";
  if (hasControlCharacters(path)) return "has control characters";
  if (!path.isWellFormed()) return "is no text: half of a character stands alone";
  if (byteLength(path) > MAX_PATH) return `is longer than ${MAX_PATH} bytes`;
  for (const part of path.split("/")) {
    if (part === "" || part === ".") return "has an empty part: write one slash between names, and none at the end";
    if (part.startsWith("..")) return "has a part that begins with two dots";
    if (byteLength(part) > MAX_NAME) return `has a part that is longer than ${MAX_NAME} bytes`;
  }
  return undefined;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** The folders that a path needs, from the outermost on. */
export function foldersOf(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.slice(0, -1).map((_part, index) => parts.slice(0, index + 1).join("/"));
}
