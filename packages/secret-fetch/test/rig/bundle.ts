/** The program as it is published: bundled by its own configuration, into a folder of the test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type BuildOptions } from "rolldown";

import config from "../../rolldown.config.ts";

export interface Bundle {
  /** Absolute path of the program. */
  readonly main: string;
  remove(): void;
}

export async function bundleProgram(): Promise<Bundle> {
  const folder = mkdtempSync(join(tmpdir(), "pod-secrets-bundle-"));
  const options = config as BuildOptions;
  const cwd = join(import.meta.dirname, "../..");
  await build({ ...options, cwd, output: { ...options.output, dir: folder } } as BuildOptions);
  return {
    main: join(folder, "pod-secrets-fetch.mjs"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
