/**
 * Vault, the Vault Agent Injector and Vault's PostgreSQL plugin: built once from their Go modules, and kept in the
 * cache folder. Vault is under HashiCorp's Business Source License: see README.md.
 */
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { link, mkdir, rename, rm, symlink } from "node:fs/promises";
import { arch, homedir, platform } from "node:os";
import { dirname, join } from "node:path";

import { withLock } from "../../cluster/src/binaries/lock.ts";
import { lastLines, run } from "../../cluster/src/processes/run.ts";
import { sayOnStandardError, sayWhile } from "../../cluster/src/progress.ts";
import type { Support } from "../../cluster/src/support.ts";
import { findGo, goSupport, INSTALL_GO } from "../../tools/go.ts";
import { ToolError } from "../../tools/tool-error.ts";

const SOURCE = join(import.meta.dirname, "go");

/** Paths of programs. All are one binary. */
export interface VaultPrograms {
  /** Server, agent and command line. */
  readonly vault: string;
  /** Answers one admission review as the Vault Agent Injector does. */
  readonly review: string;
  /** A folder with plugins for the server's `-dev-plugin-dir`. */
  readonly plugins: string;
}

/** Why Vault cannot be had here, and how to get it; for tests that skip. */
export function vaultSupport(): Support {
  return existsSync(cacheDirectory()) ? { kind: "supported" } : goSupport(NO_GO);
}

const NO_GO = "Vault is not built yet, and there is no Go to build it";

/** Milliseconds that the first test of a machine may wait. */
export const BUILD_PATIENCE = 30 * 60_000;

/** @throws ToolError without Go, or when the build fails */
export async function vaultPrograms(): Promise<VaultPrograms> {
  const home = cacheDirectory();
  if (!existsSync(home)) {
    await mkdir(dirname(home), { recursive: true });
    await withLock(`${home}.lock`, sayOnStandardError, async () => {
      // The one who had the lock has built it.
      if (!existsSync(home)) await buildInto(home);
    });
  }
  return { vault: join(home, "vault"), review: join(home, "vault-k8s-review"), plugins: join(home, "plugins") };
}

/** One folder for each source and machine. */
function cacheDirectory(): string {
  const hash = createHash("sha256");
  for (const file of globSync("**/*.{go,mod,sum}", { cwd: SOURCE }).toSorted())
    hash.update(`${file}\0`).update(readFileSync(join(SOURCE, file)));
  hash.update(JSON.stringify([platform(), arch(), buildArguments("")]));
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(cache, "pod-secrets", "vault", hash.digest("hex").slice(0, 32));
}

/** `minimal` leaves out the plugins of all clouds, some of whose modules are gone. */
function buildArguments(output: string): readonly string[] {
  return ["build", "-v", "-trimpath", "-mod=readonly", "-tags", "minimal", "-ldflags", "-s -w", "-o", output, "."];
}

/** It appears under its name only when it is complete. */
async function buildInto(home: string): Promise<void> {
  const partial = `${home}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(join(partial, "plugins"), { recursive: true });
  try {
    sayOnStandardError("Building Vault, once; it takes some minutes ...");
    await compile(join(partial, "vault"));
    for (const name of ["vault-k8s", "vault-k8s-review"]) await symlink("vault", join(partial, name));
    // Vault takes no plugin that a link leads out of its folder for.
    await link(join(partial, "vault"), join(partial, "plugins", "postgresql-database-plugin"));
    await rename(partial, home);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function compile(output: string): Promise<void> {
  const go = findGo();
  if (go === undefined) throw new ToolError("E_TOOL_NO_GO", NO_GO, INSTALL_GO);
  let packages = 0;
  const work = run("nice", ["-n", "19", go, ...buildArguments(output)], {
    cwd: SOURCE,
    // Static: it runs in any image.
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" },
    onError: (text) => (packages += text.split("\n").length - 1),
  });
  const progress = (seconds: number): string => `Building Vault: ${packages} packages, ${seconds} s ...`;
  const { code, stderr } = await sayWhile(sayOnStandardError, progress, REPORT_EVERY, work);
  if (code === 0) return;
  throw new ToolError(
    "E_TOOL_BUILD",
    `go build of Vault ended with exit code ${code}: ${lastLines(stderr, 5)}`,
    "See whether Go reaches its module proxy (go env GOPROXY), and whether it is what go/go.mod asks for.",
  );
}

/** Milliseconds. */
const REPORT_EVERY = 15_000;
