/** A folder of its own for a test, gone after it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

export interface ConfigFolder {
  readonly path: string;
  /** Writes a file below the folder, and gives its path. */
  write(name: string, content: string | Uint8Array): string;
}

export function createConfigFolder(): ConfigFolder {
  const path = mkdtempSync(join(tmpdir(), "pod-secrets-config-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    write(name, content) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
  };
}
