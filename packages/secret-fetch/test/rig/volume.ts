/** Volumes of tests: folders that go away with the test. */
import { chmodSync, lstatSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

import type { VolumeFile } from "../../src/volume/write.ts";

/** An empty folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "pod-secrets-fetch-"));
  onTestFinished(() => {
    chmodSync(folder, 0o755);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Everything in a folder by its relative path: the content of files, `/` for folders. */
export function contentOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
  return Object.fromEntries(
    names.map((name) => {
      const path = join(folder, name);
      return [name, lstatSync(path).isDirectory() ? "/" : readFileSync(path, "utf8")] as const;
    }),
  );
}

/** The permissions of a file or folder, in octal. */
export function modeOf(path: string): string {
  return (lstatSync(path).mode & 0o7777).toString(8).padStart(4, "0");
}

/** A file to write. */
export function volumeFile(path: string, content: string, mode = "0444"): VolumeFile {
  return { path, mode, bytes: new TextEncoder().encode(content) };
}
