/** Errors of the file system -> why a file cannot be written. */
import { FetchFailure } from "../failure.ts";

const MEANINGS: Readonly<Record<string, readonly [cause: string, fix: string]>> = {
  ENOSPC: ["the volume is full", "Raise the sizeLimit of the memory volume, or ask for fewer secrets."],
  EDQUOT: ["the volume is full", "Raise the sizeLimit of the memory volume, or ask for fewer secrets."],
  EFBIG: ["the file is larger than the process may write", "Raise the limit of the container, or split the secret."],
  EROFS: ["the volume is read-only", "Mount it writable into this container."],
  EACCES: ["the user of the container may not write to the volume", "Set fsGroup, or run it as the volume's owner."],
  EPERM: ["the user of the container may not write to the volume", "Set fsGroup, or run it as the volume's owner."],
  ENOENT: ["something took away what was being written", "Let one container at a time write to the volume."],
  EMFILE: ["the process has too many open files", "Raise the limit of the container."],
};

export function writeFailure(error: unknown): FetchFailure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const [cause, fix] = MEANINGS[code] ?? ["the volume cannot be written to", "Check the volume and its mount."];
  const because = /^[A-Z0-9_]{1,64}$/.test(code) ? ` (${code})` : "";
  return new FetchFailure("not-written", `${cause}${because}`, fix);
}
