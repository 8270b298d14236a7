/** Reads small files that someone else names: never waits for a writer, and never reads without end. */
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { quoted } from "@pod-secrets/core";

import { FetchFailure } from "../failure.ts";

/** Tokens and keys are far smaller; so are secrets, which Kubernetes bounds the same way (`MaxSecretSize`). */
const MAX_BYTES = 1_048_576;

/** @throws FetchFailure `not-found`, `denied` or `unusable-value` */
export async function readSmallFile(path: string): Promise<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    // To open a pipe that nobody writes to would block a thread for ever.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await handle.stat()).isFile()) throw unusable(path, "is no regular file");
    return await readWhole(handle, path);
  } catch (error) {
    throw error instanceof FetchFailure ? error : failureOf(path, error);
  } finally {
    await handle?.close();
  }
}

async function readWhole(handle: FileHandle, path: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  // The size that the file claims is no bound: it is 0 in /proc, and a file may grow.
  for await (const chunk of handle.createReadStream({ end: MAX_BYTES, autoClose: false })) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
  }
  if (length > MAX_BYTES) throw unusable(path, "has more than 1 MiB");
  return Buffer.concat(chunks, length);
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
