/** Writes files as the kubelet does. Apart, since a worker thread uses it. */
import { lstatSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** File contents by path. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

export function writeFiles(directory: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
}

/**
 * Writes a Secret volume (k8s.io/kubernetes `pkg/volume/util/atomic_writer.go`): files in a directory of their
 * own, the link `..data` to it, replaced by a rename, and a link per file through `..data`.
 */
export function writeSecretVolume(directory: string, generation: number, files: Files): void {
  const data = `..2026_01_01_00_00_00.${generation}`;
  writeFiles(join(directory, data), files);
  symlinkSync(data, join(directory, "..data_tmp"));
  renameSync(join(directory, "..data_tmp"), join(directory, "..data"));
  for (const name of new Set(Object.keys(files).map((path) => path.split("/")[0] ?? path))) {
    if (lstatSync(join(directory, name), { throwIfNoEntry: false }) === undefined)
      symlinkSync(join("..data", name), join(directory, name));
  }
  rmSync(join(directory, `..2026_01_01_00_00_00.${generation - 1}`), { recursive: true, force: true });
}
