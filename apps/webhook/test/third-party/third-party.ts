/** An example of somebody else's package, and our packages as they get them: packed, and installed from the tarballs. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";

const root = join(import.meta.dirname, "..", "..", "..", "..");
const packages = join(root, "packages");

/** Packing, two installations and a build, on a machine that does other things too. Milliseconds. */
export const PATIENCE = 300_000;

/** Folders outside of this repository. */
export interface ThirdParty {
  /** All of it. */
  readonly folder: string;
  /** The example as its author has it: installed and built. */
  readonly author: string;
  /** Who runs the webhook: a config file, and the author's package beside it. */
  readonly user: string;
  remove(): void;
}

/** The folder of an example. */
export function exampleFolder(name: string): string {
  return join(root, "examples", name);
}

/**
 * @param example name of its folder
 * @param ours names of the folders in `packages` that author and user install
 */
export async function installThirdParty(example: string, ours: readonly string[]): Promise<ThirdParty> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pod-secrets-third-party-")));
  const author = join(folder, "author");
  const user = join(folder, "user");
  const filters = ours.map((name) => `--filter=./packages/${name}...`);
  await run(root, "turbo", "run", "build", ...filters, "--output-logs=errors-only");
  const tarballs = new Map<string, string>();
  const pack = async (packageFolder: string): Promise<void> => {
    const tarball = join(folder, `${basename(packageFolder)}.tgz`);
    await run(packageFolder, "pnpm", "pack", "--out", tarball);
    tarballs.set(nameOf(packageFolder), `file:${tarball}`);
  };
  for (const name of ours) await pack(join(packages, name));

  cpSync(exampleFolder(example), author, { recursive: true, filter: (from) => !/\/(node_modules|dist)$/.test(from) });
  await install(author, tarballs);
  await run(author, "pnpm", "run", "build");
  await pack(author);

  mkdirSync(user);
  const dependencies = { [nameOf(author)]: "*", "@pod-secrets/core": "*" };
  writeFileSync(join(user, "package.json"), JSON.stringify({ name: "cluster", private: true, dependencies }));
  cpSync(join(author, "example", "pod-secrets.yaml"), join(user, "pod-secrets.yaml"));
  await install(user, tarballs);
  return { folder, author, user, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function nameOf(packageFolder: string): string {
  return (JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")) as { readonly name: string }).name;
}

/** Installs with the packages from the tarballs, and all others in the versions that this repository has at hand. */
async function install(directory: string, tarballs: ReadonlyMap<string, string>): Promise<void> {
  const { catalog } = parse(readFileSync(join(root, "pnpm-workspace.yaml"), "utf8")) as {
    catalog: Readonly<Record<string, string>>;
  };
  const overrides = { ...catalog, ...Object.fromEntries(tarballs) };
  writeFileSync(join(directory, "pnpm-workspace.yaml"), JSON.stringify({ packages: ["."], overrides }));
  await run(directory, "pnpm", "install", "--prefer-offline", "--no-frozen-lockfile");
}

/** How the author's own tests end. */
export interface AuthorsTests {
  readonly passed: number;
  readonly failed: readonly unknown[];
}

export async function runAuthorsTests({ folder, author }: ThirdParty): Promise<AuthorsTests> {
  const report = join(folder, "report.json");
  // A failed test ends it with a code of its own: the report says more.
  await run(author, "pnpm", "run", "test", "--reporter=json", `--outputFile=${report}`).catch(() => {});
  const { numPassedTests, testResults } = JSON.parse(readFileSync(report, "utf8")) as TestReport;
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "failed");
  return { passed: numPassedTests, failed };
}

interface TestReport {
  readonly numPassedTests: number;
  readonly testResults: readonly { readonly assertionResults: readonly { readonly status: string }[] }[];
}

/** Runs a program of this repository's tools. The error of a failed one holds what it said. */
export async function run(directory: string, program: string, ...args: readonly string[]): Promise<string> {
  const path = [join(root, "node_modules", ".bin"), process.env["PATH"]].join(delimiter);
  const { NODE_ENV: _, ...environment } = process.env;
  try {
    const options = { cwd: directory, env: { ...environment, PATH: path }, maxBuffer: 64 * 1024 * 1024 };
    const { stdout } = await promisify(execFile)(program, args, options);
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`${program} ${args.join(" ")} failed in ${directory}:\n${stdout}${stderr}`, { cause: error });
  }
}
