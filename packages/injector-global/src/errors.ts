import { SecretError, quoted, type ErrorEntry, type InjectorErrorCode } from "@pod-secrets/core";

/** What can be wrong with the secrets directory. At the start it stops the webhook; later the last good secrets stay. */
export const GLOBAL_ERRORS = {
  "global/directory-unreadable": {
    summary: "The directory of global secrets cannot be read",
    why: "The webhook's user has no right to it, or the file system fails.",
    fix: "Give the webhook's user the right to read the directory, or set another one.",
  },
  "global/directory-not-for-pods": {
    summary: "The directory is no place for global secrets",
    why: "It is the whole file system, a view of the kernel, or holds the webhook's own credentials: any pod could ask for them.",
    fix: "Set a directory of its own for global secrets.",
  },
  "global/directory-too-large": {
    summary: "The directory of global secrets holds too much",
    why: "All files are held in memory, so their number and size are bounded.",
    fix: "Move what is no global secret elsewhere, or set another directory.",
  },
  "global/directory-changing": {
    summary: "The directory of global secrets does not come to rest",
    why: "Files changed each time while they were read, and secrets of two generations must not mix.",
    fix: "Replace files rarely, and all at once, as Kubernetes does with a Secret volume.",
  },
} as const satisfies Readonly<Record<InjectorErrorCode, ErrorEntry>>;

/** An error of a directory or of a file in it. */
export function directoryError(code: keyof typeof GLOBAL_ERRORS, path: string, cause: string): SecretError {
  const { summary, fix } = GLOBAL_ERRORS[code];
  return new SecretError(code, `${summary}: ${quoted(path, 160)}: ${cause}`, fix);
}
