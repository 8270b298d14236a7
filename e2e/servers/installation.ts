/** Python packages of a server: installed once from PyPI, into a virtual environment in the cache folder. */
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";

import { withLock } from "../cluster/src/binaries/lock.ts";
import { lastLines, run } from "../cluster/src/processes/run.ts";
import { sayOnStandardError, sayWhile } from "../cluster/src/progress.ts";
import { ServerError } from "./server-error.ts";
import { pythonSupport, type PythonSupport } from "./find-python.ts";

/** Requirements, and what is beside them for the servers to load. */
export const PYTHON_FILES = join(import.meta.dirname, "python");

/** A server: also the name of its file of requirements, in which each package has a version and hashes. */
export type ServerName = "moto" | "confidant";

/**
 * @returns the path of the Python that has the packages
 * @throws ServerError `E_SERVER_NO_PYTHON`; `E_SERVER_INSTALL` when a package cannot be had
 */
export async function installedPython(server: ServerName): Promise<string> {
  const support = pythonSupport();
  if (support.kind === "unsupported") throw new ServerError("E_SERVER_NO_PYTHON", support.reason, support.fix);
  const home = cacheDirectory(server, support.version);
  if (!existsSync(home)) {
    await mkdir(dirname(home), { recursive: true });
    await withLock(`${home}.lock`, sayOnStandardError, async () => {
      // The one who had the lock has installed it.
      if (!existsSync(home)) await installInto(home, server, support);
    });
  }
  return pythonIn(home);
}

/** It appears under its name only when it is complete. */
async function installInto(home: string, server: ServerName, { python }: Supported): Promise<void> {
  // What an installation that was killed has left, where its pip may still be at work.
  const folder = dirname(home);
  for (const left of globSync(`${basename(home)}.partial-*`, { cwd: folder })) {
    await rm(join(folder, left), { recursive: true, force: true });
  }
  const partial = await mkdtemp(`${home}.partial-`);
  try {
    sayOnStandardError(`Installing ${server} from PyPI, once; it takes about a minute ...`);
    const progress = (seconds: number): string => `Installing ${server}: ${seconds} s ...`;
    await sayWhile(sayOnStandardError, progress, REPORT_EVERY, installPackages(partial, python, server));
    await rename(partial, home);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

type Supported = Extract<PythonSupport, { kind: "supported" }>;

/** Nothing but what the files name: neither a dependency that they lack, nor a newer tool to build with. */
async function installPackages(home: string, python: string, server: ServerName): Promise<void> {
  await step(python, ["-m", "venv", home]);
  const install = ["-m", "pip", "install", "--quiet", "--no-input", "--require-hashes", "--no-deps"];
  await step(pythonIn(home), [...install, "--requirement", requirements("build")]);
  await step(pythonIn(home), [...install, "--no-build-isolation", "--requirement", requirements(server)]);
}

async function step(program: string, args: readonly string[]): Promise<void> {
  const { code, stderr, stdout } = await run(program, args);
  if (code === 0) return;
  throw new ServerError(
    "E_SERVER_INSTALL",
    `${program} ${args.slice(0, 3).join(" ")} ended with exit code ${code}: ${lastLines(stderr || stdout, 5)}`,
    "See whether pip reaches PyPI or the index that it is configured for (pip config list).",
  );
}

function pythonIn(home: string): string {
  return join(home, "bin", "python");
}

function requirements(name: ServerName | "build"): string {
  return join(PYTHON_FILES, `${name}.txt`);
}

/** One folder for each set of packages and Python. */
function cacheDirectory(server: ServerName, version: string): string {
  const hash = createHash("sha256");
  for (const name of ["build", server] as const) hash.update(readFileSync(requirements(name))).update("\0");
  hash.update(JSON.stringify([process.platform, process.arch, version]));
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(cache, "pod-secrets", server, hash.digest("hex").slice(0, 32));
}

/** Milliseconds. */
const REPORT_EVERY = 15_000;

/** Milliseconds that the start of servers may take on a busy machine when they have to be installed, for hooks. */
export const START_TIMEOUT = 1_200_000;
