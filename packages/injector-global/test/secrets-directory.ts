import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

import { writeFiles, type Files } from "./secret-volume.ts";

/** A new directory with these files, gone when the test has finished. */
export function secretsDirectory(files: Files = {}): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "global-secrets-")));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFiles(directory, files);
  return directory;
}
