/** Which files `npm run e2e NAME...` is about. */
import { execFile } from "node:child_process";
import { join, relative } from "node:path";
import { promisify } from "node:util";

/** Of vitest, and the folder that it names files in. */
export const E2E_CONFIG = "e2e/vitest.config.ts";
const root = join(import.meta.dirname, "..");

/** Paths of test files below `e2e`. */
export interface ChosenFiles {
  /** They run in a Kubernetes. */
  readonly inKubernetes: readonly string[];
  /** They run against servers that hold secrets, alone. */
  readonly againstServers: readonly string[];
  /** Names that no file has in its path. */
  readonly unknownNames: readonly string[];
}

/** @param names parts of paths; without one, all files are chosen */
export async function chooseFiles(names: readonly string[]): Promise<ChosenFiles> {
  const found = await Promise.all((names.length === 0 ? [[]] : names.map((name) => [name])).map(filesOf));
  const files = [...new Set(found.flat())].toSorted();
  return {
    inKubernetes: files.filter((file) => !file.startsWith("test/servers/")),
    againstServers: files.filter((file) => file.startsWith("test/servers/")),
    unknownNames: names.filter((_name, index) => found[index]?.length === 0),
  };
}

/** Asks vitest itself, which is to say what a name stands for. */
async function filesOf(names: readonly string[]): Promise<readonly string[]> {
  const args = ["list", ...names, "--config", E2E_CONFIG, "--filesOnly", "--json"];
  const { stdout } = await promisify(execFile)("vitest", args, { cwd: root, env: { ...process.env, NO_COLOR: "1" } });
  // Of vitest's own form, whose version is fixed.
  const listed = JSON.parse(stdout) as readonly { readonly file: string }[];
  return listed.map(({ file }) => relative(join(root, "e2e"), file).replaceAll("\\", "/"));
}
