/** Reads small files that someone else names: never waits for a writer, and never reads without end. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { quoted } from "@pod-secrets/core";

import { FetchFailure } from "../failure.ts";

/** Tokens and keys are far smaller; so are secrets, which Kubernetes bounds the same way (`MaxSecretSize`). */
const MAX_BYTES = 1_048_576;
/** The size that a file claims is no bound: it is 0 in /proc, and a file may grow. */
const CHUNK = 65_536;

/**
 * Reads a whole file at once: the promises of node:fs and its streams would take 2 MB of memory.
 * @throws FetchFailure `not-found`, `denied` or `unusable-value`
 */
export async function readSmallFile(path: string): Promise<Uint8Array> {
  let file: number | undefined;
  try {
    // To open a pipe that nobody writes to would block the program for ever.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(file).isFile()) throw unusable(path, "is no regular file");
    return readWhole(file, path);
  } catch (error) {
    throw error instanceof FetchFailure ? error : failureOf(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function readWhole(file: number, path: string): Uint8Array {
  const chunks: Buffer[] = [];
  for (let length = 0; length <= MAX_BYTES;) {
    const chunk = Buffer.alloc(CHUNK);
    const count = readSync(file, chunk);
    if (count === 0) return Buffer.concat(chunks, length);
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  throw unusable(path, "has more than 1 MiB");
}

function unusable(path: string, what: string): FetchFailure {
  return new FetchFailure("unusable-value", `${quoted(path, 160)} ${what}`, "Name a regular file of at most 1 MiB.");
}

function failureOf(path: string, error: unknown): FetchFailure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "EIO";
  const file = quoted(path, 160);
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return new FetchFailure("not-found", `there is no file ${file}`, "Correct the path, or mount what holds it.");
    case "EACCES":
    case "EPERM":
      return new FetchFailure("denied", `the file ${file} may not be read`, "Let the user of the container read it.");
    case "EISDIR":
      return unusable(path, "is no regular file");
    default:
      return new FetchFailure("unusable-value", `the file ${file} cannot be read (${code})`, "Check the volume.");
  }
}
