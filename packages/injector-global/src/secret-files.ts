/** One reading of the secrets directory: all files of one moment. */
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { directoryError } from "./errors.ts";
import { unusable, usable, type GlobalSecret } from "./global-secret.ts";
import { codeOf, fingerprintOf, isGone, listDirectory, type FoundFile, type Listing } from "./listing.ts";

/** What the directory holds. */
export interface SecretFiles extends Listing {
  readonly files: ReadonlyMap<string, SecretFile>;
}

export interface SecretFile extends FoundFile {
  readonly secret: GlobalSecret;
  /** Whether a later change of the file must show in its fingerprint. */
  readonly settled: boolean;
}

/** The directory before its first reading. */
export const NO_FILES: SecretFiles = { files: new Map(), directories: new Map() };

const ATTEMPTS = 5;
/** Milliseconds. */
const ATTEMPT_PAUSE = 50;
/** Time stamps of file systems are coarse, 2 s at most: a file that changed just now may change again unseen. */
const SETTLING_TIME = 2000;

/**
 * Reads the directory. Files that are as in `before` are not read again; when all are, `before` comes back.
 * @throws SecretError with a code of `GLOBAL_ERRORS`
 */
export async function readSecretFiles(
  directory: string,
  before: SecretFiles,
  clock: () => number,
): Promise<SecretFiles> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // oxlint-disable no-await-in-loop -- an attempt begins when the one before has failed
    const listing = await listDirectory(directory);
    if (isUnchanged(listing, before)) return before;
    const files = await readChanged(listing, before, clock);
    // The same before and after: so nothing was replaced between the first file and the last.
    if (files !== undefined && hasSameFiles(listing, await listDirectory(directory))) return files;
    await sleep(ATTEMPT_PAUSE);
    // oxlint-enable no-await-in-loop
  }
  throw directoryError(
    "global/directory-changing",
    directory,
    `its files changed during ${ATTEMPTS} attempts to read it`,
  );
}

/** Whether two readings saw the same files in the same directories. */
export function hasSameFiles(one: Listing, other: Listing): boolean {
  if (one.files.size !== other.files.size || one.directories.size !== other.directories.size) return false;
  for (const [path, identity] of one.directories) if (other.directories.get(path) !== identity) return false;
  for (const [name, file] of one.files) if (other.files.get(name)?.fingerprint !== file.fingerprint) return false;
  return true;
}

function isUnchanged(listing: Listing, before: SecretFiles): boolean {
  return hasSameFiles(listing, before) && [...before.files.values()].every((file) => file.settled);
}

/** Reads what is not as before, or `undefined` when a file has changed since it was listed. */
async function readChanged(
  { files: found, directories }: Listing,
  before: SecretFiles,
  clock: () => number,
): Promise<SecretFiles | undefined> {
  const settledBefore = clock() - SETTLING_TIME;
  const files = new Map<string, SecretFile>();
  for (const [name, file] of found) {
    const known = before.files.get(name);
    const isKnown = known?.settled === true && known.fingerprint === file.fingerprint;
    // oxlint-disable-next-line no-await-in-loop -- one at a time: each holds a file descriptor
    const secret = isKnown ? known.secret : await readFile(file);
    if (secret === undefined) return undefined;
    files.set(name, { ...file, secret, settled: file.changedAt < settledBefore });
  }
  return { files, directories };
}

/** Reads one file, or `undefined` when it is not the one that was listed. */
async function readFile(file: FoundFile): Promise<GlobalSecret | undefined> {
  if (file.problem !== undefined) return unusable(file.problem);
  let handle: FileHandle | undefined;
  try {
    // Its path has no link any more, so one that is there now was not listed. A pipe must not block a thread.
    handle = await open(file.realPath, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const opened = await handle.stat({ bigint: true });
    if (fingerprintOf(file.realPath, opened) !== file.fingerprint) return undefined;
    const bytes = await readBytes(handle, file.size);
    return bytes === undefined ? undefined : decode(bytes);
  } catch (error) {
    if (isGone(error)) return undefined;
    const code = codeOf(error);
    if (code === "EACCES" || code === "EPERM") return unusable(`cannot be read by the webhook (${code})`);
    throw directoryError("global/directory-unreadable", file.realPath, code);
  } finally {
    await handle?.close();
  }
}

/** Exactly `size` bytes, or `undefined` when the file has more or fewer. */
async function readBytes(handle: FileHandle, size: number): Promise<Uint8Array | undefined> {
  const buffer = new Uint8Array(size + 1);
  let length = 0;
  while (length <= size) {
    // oxlint-disable-next-line no-await-in-loop -- each part begins where the one before it ended
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length === size ? buffer.subarray(0, size) : undefined;
}

function decode(bytes: Uint8Array): GlobalSecret {
  try {
    return usable(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return unusable("is no UTF-8 text, and an env var holds only text");
  }
}
