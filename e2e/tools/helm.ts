/** The real Helm, built once from its Go module and kept in the cache folder. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import { withLock } from "../cluster/src/binaries/lock.ts";
import { lastLines, run } from "../cluster/src/processes/run.ts";
import { sayOnStandardError, sayWhile } from "../cluster/src/progress.ts";
import type { Support } from "../cluster/src/support.ts";
import { findGo, goSupport, INSTALL_GO } from "./go.ts";
import { ToolError } from "./tool-error.ts";

const HELM_VERSION = "4.3.1";
const MODULE = `helm.sh/helm/v${HELM_VERSION.split(".")[0]}`;

/** Milliseconds. */
const REPORT_EVERY = 15_000;

const NO_GO = `Helm ${HELM_VERSION} is not built yet, and there is no Go to build it`;

/** Why Helm cannot be had here, and how to get it; for tests that skip. */
export function helmSupport(): Support {
  return existsSync(join(cacheFolder(), "helm")) ? { kind: "supported" } : goSupport(NO_GO);
}

/**
 * @returns the path of the binary
 * @throws ToolError without Go, or when the build fails
 */
export async function helmBinary(): Promise<string> {
  const folder = cacheFolder();
  const binary = join(folder, "helm");
  if (existsSync(binary)) return binary;
  await mkdir(folder, { recursive: true });
  await withLock(`${folder}.lock`, sayOnStandardError, async () => {
    // The one who had the lock has built it.
    if (!existsSync(binary)) await buildInto(folder, binary);
  });
  return binary;
}

function cacheFolder(): string {
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(cache, "pod-secrets", "helm", HELM_VERSION);
}

/** It appears under its name only when it is complete. */
async function buildInto(folder: string, binary: string): Promise<void> {
  const partial = await mkdtemp(join(folder, "partial-"));
  try {
    sayOnStandardError(`Building Helm ${HELM_VERSION}, once; it takes some minutes ...`);
    const progress = (seconds: number): string => `Building Helm: ${seconds} s ...`;
    await sayWhile(sayOnStandardError, progress, REPORT_EVERY, install(partial));
    await rename(join(partial, "helm"), binary);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function install(bin: string): Promise<void> {
  const flags = `-s -w -X ${MODULE}/internal/version.version=v${HELM_VERSION}`;
  const args = ["install", "-trimpath", "-ldflags", flags, `${MODULE}/cmd/helm@v${HELM_VERSION}`];
  const env = { ...process.env, GOBIN: bin, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" };
  const go = findGo();
  if (go === undefined) throw new ToolError("E_TOOL_NO_GO", NO_GO, INSTALL_GO);
  const { code, stderr } = await run(go, args, { env });
  if (code === 0) return;
  throw new ToolError(
    "E_TOOL_BUILD",
    `go install of Helm ended with exit code ${code}: ${lastLines(stderr, 5)}`,
    "See whether Go reaches its module proxy (go env GOPROXY), and whether it is new enough.",
  );
}
