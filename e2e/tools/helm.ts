/** The real Helm, built once from its Go module and kept in the cache folder. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

export const HELM_VERSION = "4.3.1";

/** What a program said and how it ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ToolOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Standard input; none by default. */
  readonly input?: string;
}

/** A tool could not be had, or ended with an error. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

/**
 * @returns the path of the binary; several callers at once may build it several times, and the last one wins
 * @throws ToolError without Go, or when the build fails
 */
export async function helmBinary(): Promise<string> {
  const folder = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "pod-secrets", "helm", HELM_VERSION);
  const binary = join(folder, "helm");
  if (existsSync(binary)) return binary;
  await mkdir(folder, { recursive: true });
  const partial = await mkdtemp(join(folder, "partial-"));
  try {
    await build(partial);
    await rename(join(partial, "helm"), binary);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return binary;
}

async function build(into: string): Promise<void> {
  process.stderr.write(`Building Helm ${HELM_VERSION}, once; it takes some minutes ...\n`);
  const major = HELM_VERSION.split(".")[0];
  const args = ["install", "-trimpath", "-ldflags", `-s -w -X ${VERSION_VARIABLE}=v${HELM_VERSION}`];
  // GOBIN and GOARCH of another machine exclude each other.
  const env = { ...process.env, GOBIN: into, GOFLAGS: "", GOWORK: "off", GOARCH: "", GOOS: "", CGO_ENABLED: "0" };
  const { code, stderr } = await run(await findGo(), [...args, `helm.sh/helm/v${major}/cmd/helm@v${HELM_VERSION}`], {
    env,
  });
  if (code !== 0) {
    throw new ToolError(
      `E_TOOL_BUILD: go install of Helm ended with ${code}: ${stderr.trimEnd().split("\n").slice(-5).join(" | ")}. ` +
        "Fix: See whether Go reaches its module proxy (go env GOPROXY), and whether it is new enough.",
    );
  }
}

const VERSION_VARIABLE = "helm.sh/helm/v4/internal/version.version";

/** In the PATH, or where Go's own installer puts it. */
async function findGo(): Promise<string> {
  for (const go of ["go", "/usr/local/go/bin/go"]) {
    const { code } = await run(go, ["version"]).catch(() => ({ code: 127 }));
    if (code === 0) return go;
  }
  throw new ToolError(
    `E_TOOL_NO_GO: Helm ${HELM_VERSION} is not built yet, and there is no Go to build it. Fix: Install Go 1.26 or newer.`,
  );
}

/** Runs a program to its end. Rejects when it cannot be started. */
export function run(program: string, args: readonly string[], options: ToolOptions = {}): Promise<Ended> {
  const { env, cwd, input = "" } = options;
  return new Promise((done, failed) => {
    const child = spawn(program, args, { env, cwd, stdio: ["pipe", "pipe", "pipe"] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.once("error", failed);
    child.once("close", (code) =>
      done({ code: code ?? 128, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
