/**
 * Writes files into the memory volume: each is there whole or not at all, and of a set all or none that is new.
 *
 * Everything is written into a folder of its own first, on the same volume, that nobody else may enter; then each file
 * is moved to its place, which is one step for the kernel. No `fsync`: memory has nothing to lose.
 */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
  type Stats,
} from "node:fs";
import { join } from "node:path";

import { FetchFailure } from "../failure.ts";
import { foldersOf } from "../request/volume-path.ts";
import { writeFailure } from "./write-failure.ts";

/** A file below the volume. */
export interface VolumeFile {
  /** Relative path, checked by the request's grammar. */
  readonly path: string;
  /** Octal text, such as `0444`. */
  readonly mode: string;
  readonly bytes: Uint8Array;
}

/** No path of a request has a part that begins so. */
const STAGING_PREFIX = "..pod-secrets-fetch-";
/** Any user of the pod may look for its secrets; what is in them is up to each file's mode. */
const FOLDER_MODE = 0o755;

/**
 * Writes what is not there yet with the same bytes and mode.
 * @param volume absolute path
 * @param folders to make beside those that the files need
 * @returns how many files it wrote
 * @throws FetchFailure `not-written`; then no new file is left behind
 */
export function writeFiles(volume: string, files: readonly VolumeFile[], folders: readonly string[]): number {
  checkVolume(volume);
  clearStaging(volume);
  const changed = files.filter((file) => !isWritten(volume, file));
  let staging: string | undefined;
  // In the order in which they were made: a folder before what is in it.
  const created: Created[] = [];
  try {
    if (changed.length > 0) {
      staging = mkdtempSync(join(volume, STAGING_PREFIX));
      stage(staging, changed);
    }
    for (const folder of [...folders, ...changed.flatMap(({ path }) => foldersOf(path))])
      makeFolder(volume, folder, created);
    if (staging !== undefined) move(volume, staging, changed, created);
    return changed.length;
  } catch (error) {
    for (const each of created.toReversed()) remove(each);
    throw error instanceof FetchFailure ? error : writeFailure(error);
  } finally {
    if (staging !== undefined) removeStaging(staging);
  }
}

/** What was not there before. */
interface Created {
  readonly path: string;
  readonly kind: "file" | "folder";
}

/** A folder that is not empty then has something of another. */
function remove({ path, kind }: Created): void {
  try {
    if (kind === "file") unlinkSync(path);
    else rmdirSync(path);
  } catch {
    // Why it could not be written says more.
  }
}

function removeStaging(staging: string): void {
  try {
    rmSync(staging, { recursive: true, force: true });
  } catch {
    // The next run clears it away.
  }
}

function checkVolume(volume: string): void {
  if (statsOf(volume)?.isDirectory() === true) return;
  throw new FetchFailure(
    "not-written",
    `the volume is not mounted at ${volume}`,
    "Mount the pod's memory volume there, writable.",
  );
}

/** What a program left that was killed in the middle of its work. */
function clearStaging(volume: string): void {
  try {
    for (const name of readdirSync(volume)) {
      if (name.startsWith(STAGING_PREFIX)) rmSync(join(volume, name), { recursive: true, force: true });
    }
  } catch (error) {
    throw writeFailure(error);
  }
}

function isWritten(volume: string, { path, mode, bytes }: VolumeFile): boolean {
  const file = join(volume, path);
  const stats = statsOf(file);
  if (stats?.isFile() !== true || (stats.mode & 0o7777) !== Number.parseInt(mode, 8)) return false;
  try {
    return stats.size === bytes.length && readFileSync(file).equals(bytes);
  } catch {
    // Its mode may forbid even its owner to read it.
    return false;
  }
}

/** Not what a link points to: nothing that the program makes is one, and another's could lead out of the volume. */
function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // A part of the path is no folder.
    return undefined;
  }
}

function makeFolder(volume: string, folder: string, created: Created[]): void {
  for (const path of [...foldersOf(folder), folder].map((part) => join(volume, part))) {
    const stats = statsOf(path);
    if (stats === undefined) {
      mkdirSync(path);
      created.push({ path, kind: "folder" });
      // Not left to the umask.
      chmodSync(path, FOLDER_MODE);
    } else if (!stats.isDirectory()) {
      throw occupied(path, "no folder");
    }
  }
}

function stage(staging: string, files: readonly VolumeFile[]): void {
  for (const [index, { bytes, mode }] of files.entries()) {
    const path = join(staging, String(index));
    writeFileSync(path, bytes, { flag: "wx", mode: 0o600 });
    chmodSync(path, Number.parseInt(mode, 8));
  }
}

function move(volume: string, staging: string, files: readonly VolumeFile[], created: Created[]): void {
  for (const [index, { path }] of files.entries()) {
    const target = join(volume, path);
    const before = statsOf(target);
    if (before?.isDirectory() === true) throw occupied(target, "a folder");
    renameSync(join(staging, String(index)), target);
    if (before === undefined) created.push({ path: target, kind: "file" });
  }
}

function occupied(path: string, what: string): FetchFailure {
  return new FetchFailure("not-written", `${path} is ${what}`, "Let nothing else write to the volume.");
}
