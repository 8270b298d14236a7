/**
 * Checks the package in the current folder as its users will get it: packed by pnpm, then looked at by publint, by
 * attw (do the types fit what Node loads?) and by a few rules of our own.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Manifest {
  readonly exports?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: exit code ${status}\n${stdout}${stderr}`);
  return stdout;
}

function checkContents(tarball: string): Manifest {
  const files = run("tar", ["-tzf", tarball]).trim().split("\n");
  for (const name of ["package/LICENSE", "package/README.md"]) {
    if (!files.includes(name)) throw new Error(`${name} is missing from the tarball`);
  }
  if (!files.some((name) => name.startsWith("package/dist/"))) throw new Error("dist is missing: build first");
  const stray = files.find((name) => /\.tsbuildinfo$|\/test\//.test(name));
  if (stray !== undefined) throw new Error(`${stray} does not belong into the tarball`);
  const manifest = JSON.parse(run("tar", ["-xzOf", tarball, "package/package.json"])) as Manifest;
  for (const [name, range] of Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    if (/^(workspace|catalog|link|file):/.test(range)) throw new Error(`${name}: "${range}" means nothing to npm`);
  }
  return manifest;
}

const folder = mkdtempSync(join(tmpdir(), "pod-secrets-package-"));
try {
  const tarball = join(folder, "package.tgz");
  run("pnpm", ["pack", "--out", tarball]);
  const manifest = checkContents(tarball);
  run("publint", ["--strict", tarball]);
  // A package that is only a command has nothing to import.
  if (manifest.exports !== undefined) run("attw", [tarball, "--profile", "esm-only"]);
} catch (error) {
  const { name } = JSON.parse(readFileSync("package.json", "utf8")) as { name: string };
  process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
