/**
 * What the secrets directory holds, as its entries show it: `<directory>/<group>/<key>`, and nothing outside of
 * it. Kubernetes' own links (`..data`) are followed, since they stay inside.
 */
import type { BigIntStats, Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";

import { SecretError, quoted } from "@pod-secrets/core";

import { directoryError } from "./errors.ts";
import { isPlainName } from "./global-secret.ts";

/** A Kubernetes Secret holds at most 1 MiB (`MaxSecretSize`), and so a file does. */
const MAX_FILE_BYTES = 1_048_576;
/** All files are held in memory. */
const MAX_TOTAL_BYTES = 67_108_864;
const MAX_FILES = 10_000;

/** The directory before a file is read. */
export interface Listing {
  /** By `<group>/<key>`. */
  readonly files: ReadonlyMap<string, FoundFile>;
  /** Identity of the directories that were read, by real path. */
  readonly directories: ReadonlyMap<string, string>;
}

export interface FoundFile {
  readonly realPath: string;
  /** In bytes. */
  readonly size: number;
  /** Changes with the file's place, identity, size and times. */
  readonly fingerprint: string;
  /** Milliseconds since 1970. */
  readonly changedAt: number;
  /** Why the file is not read. */
  readonly problem?: string;
}

/**
 * Lists the directory. One that does not exist is empty.
 * @throws SecretError with a code of `GLOBAL_ERRORS`
 */
export async function listDirectory(directory: string): Promise<Listing> {
  const files = new Map<string, FoundFile>();
  const directories = new Map<string, string>();
  try {
    const root = await realpath(directory);
    if (root === "/" || isNotForPods(root))
      throw directoryError("global/directory-not-for-pods", directory, `it leads to ${quoted(root)}`);
    directories.set(root, identityOf(await stat(root, { bigint: true })));
    const groups = (await readdir(root, { withFileTypes: true })).filter((entry) => isPlainName(entry.name));
    const listed = await Promise.all(groups.map((group) => listGroup(root, group)));
    for (const group of listed) {
      if (group.path !== undefined) directories.set(...group.path);
      for (const [name, file] of group.files) files.set(name, file);
    }
  } catch (error) {
    // Gone as a whole, or in the middle of a change that the next listing shows.
    if (isGone(error)) return { files, directories };
    throw error instanceof SecretError
      ? error
      : directoryError("global/directory-unreadable", directory, codeOf(error));
  }
  checkSize(directory, files);
  return { files, directories };
}

interface Group {
  /** The real path, and its identity; none when the entry is no directory of secrets. */
  readonly path?: readonly [path: string, identity: string];
  readonly files: readonly (readonly [name: string, file: FoundFile])[];
}

async function listGroup(root: string, group: Dirent): Promise<Group> {
  try {
    if (!group.isDirectory() && !group.isSymbolicLink()) return { files: [] };
    const path = await realpath(`${root}/${group.name}`);
    const found = await stat(path, { bigint: true });
    if (!found.isDirectory()) return { files: [] };
    const problem = whyNotRead(root, path);
    if (problem !== undefined) return { files: [[group.name, describe(path, found, problem)]] };
    const keys = (await readdir(path, { withFileTypes: true })).filter((entry) => isPlainName(entry.name));
    if (keys.length > MAX_FILES) throw tooManyFiles(path);
    const files = await Promise.all(keys.map((key) => findFile(root, path, group.name, key)));
    return { path: [path, identityOf(found)], files: files.filter((file) => file !== undefined) };
  } catch (error) {
    if (isGone(error)) return { files: [] };
    throw error;
  }
}

async function findFile(
  root: string,
  directory: string,
  group: string,
  key: Dirent,
): Promise<readonly [string, FoundFile] | undefined> {
  try {
    if (key.isDirectory()) return undefined;
    const path = await realpath(`${directory}/${key.name}`);
    const found = await stat(path, { bigint: true });
    if (found.isDirectory()) return undefined;
    const problem = whyNotRead(root, path) ?? whyNoSecret(found);
    return [`${group}/${key.name}`, describe(path, found, problem)];
  } catch (error) {
    // A link that leads nowhere is no secret.
    if (isGone(error)) return undefined;
    throw error;
  }
}

function describe(realPath: string, found: BigIntStats, problem: string | undefined): FoundFile {
  const file = {
    realPath,
    size: Number(found.size),
    fingerprint: fingerprintOf(realPath, found),
    changedAt: Number(found.ctimeMs),
  };
  return problem === undefined ? file : { ...file, problem };
}

/** A text that changes with the file's place, identity, size and times. */
export function fingerprintOf(realPath: string, found: BigIntStats): string {
  return `${realPath}\0${identityOf(found)}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`;
}

function identityOf(found: BigIntStats): string {
  return `${found.dev}:${found.ino}`;
}

function whyNotRead(root: string, path: string): string | undefined {
  if (!isBelow(path, root)) return "is a link that leads out of the directory of global secrets";
  return isNotForPods(path) ? "belongs to the webhook itself" : undefined;
}

function whyNoSecret(found: BigIntStats): string | undefined {
  if (!found.isFile()) return "is no regular file";
  return found.size > MAX_FILE_BYTES ? "is larger than 1 MiB" : undefined;
}

/**
 * Where no global secret is: views of the kernel, and the credentials that the kubelet and the clouds' pod
 * identities mount into the webhook. `/var/run` mostly is a link to `/run`.
 */
const NOT_FOR_PODS: readonly string[] = [
  "/proc",
  "/sys",
  "/dev",
  ...["/run", "/var/run"].flatMap((run) =>
    ["kubernetes.io", "eks.amazonaws.com", "pods.eks.amazonaws.com", "azure", "tokens"].map(
      (owner) => `${run}/secrets/${owner}`,
    ),
  ),
];

function isNotForPods(path: string): boolean {
  return NOT_FOR_PODS.some((directory) => path === directory || isBelow(path, directory));
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(`${directory}/`);
}

function checkSize(directory: string, files: ReadonlyMap<string, FoundFile>): void {
  if (files.size > MAX_FILES) throw tooManyFiles(directory);
  let total = 0;
  for (const file of files.values()) total += file.problem === undefined ? file.size : 0;
  if (total > MAX_TOTAL_BYTES)
    throw directoryError("global/directory-too-large", directory, "its files are larger than 64 MiB together");
}

function tooManyFiles(directory: string): SecretError {
  return directoryError("global/directory-too-large", directory, `it holds more than ${MAX_FILES} files`);
}

/** Whether a path is not there, or no longer: what a change of links looks like halfway. */
export function isGone(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ELOOP"].includes(codeOf(error));
}

/** The system's code of a failed call, such as `EACCES`. */
export function codeOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "code" in error && typeof error.code === "string")
    return error.code;
  return "unknown error";
}
