/** The Go module that all programs are built from, and the folder where they stay once they are built. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { arch, homedir, platform } from "node:os";
import { join } from "node:path";

/** Of Kubernetes: also in `go/go.mod`. */
export const KUBERNETES_VERSION = "1.36.3";

export const SOURCE = join(import.meta.dirname, "../../go");

export function buildArguments(output: string): readonly string[] {
  const [major = "", minor = ""] = KUBERNETES_VERSION.split(".");
  const version = "k8s.io/component-base/version";
  const stamps = {
    gitVersion: `v${KUBERNETES_VERSION}`,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: "clean",
  };
  const flags = ["-s", "-w", ...Object.entries(stamps).map(([name, value]) => `-X ${version}.${name}=${value}`)];
  return ["build", "-v", "-trimpath", "-mod=readonly", "-ldflags", flags.join(" "), "-o", output, "."];
}

/** One folder for each source and machine. */
export function cacheDirectory(): string {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum", "main.go"]) hash.update(readFileSync(join(SOURCE, file))).update("\0");
  hash.update(JSON.stringify([platform(), arch(), buildArguments("")]));
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(cache, "pod-secrets", "cluster", hash.digest("hex").slice(0, 32));
}
