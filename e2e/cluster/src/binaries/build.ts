/** Builds the programs: one binary, and a link to it for each name. */
import { existsSync } from "node:fs";
import { mkdir, rename, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";

import { ClusterError } from "../errors.ts";
import { lastLines, run } from "../processes/run.ts";
import { sayWhile, type Say } from "../progress.ts";
import { PROGRAMS } from "./programs.ts";
import { withLock } from "./lock.ts";
import { buildArguments, cacheDirectory, KUBERNETES_VERSION, SOURCE } from "./source.ts";

/**
 * @returns the folder with the programs
 * @throws ClusterError `E_CLUSTER_NO_GO`, `E_CLUSTER_BUILD`
 */
export async function buildBinaries(say: Say, signal?: AbortSignal): Promise<string> {
  const home = cacheDirectory();
  if (existsSync(home)) return home;
  await mkdir(dirname(home), { recursive: true });
  await withLock(`${home}.lock`, say, async () => {
    // The one who had the lock has built it.
    if (existsSync(home)) return;
    await buildInto(home, await findGo(), say, signal);
  });
  return home;
}

/** It appears under its name only when it is complete. */
async function buildInto(home: string, go: string, say: Say, signal: AbortSignal | undefined): Promise<void> {
  const partial = `${home}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial);
  try {
    say(`Building Kubernetes ${KUBERNETES_VERSION}, once; it can take a quarter of an hour ...`);
    await compile(go, join(partial, BINARY), say, signal);
    for (const program of PROGRAMS) await symlink(BINARY, join(partial, program));
    await rename(partial, home);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

const BINARY = "kubernetes";

async function compile(go: string, output: string, say: Say, signal: AbortSignal | undefined): Promise<void> {
  let packages = 0;
  const work = run(go, buildArguments(output), {
    cwd: SOURCE,
    // Static: no C compiler is needed, and the programs run in any image.
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" },
    signal,
    onError: (text) => (packages += text.split("\n").length - 1),
  });
  const progress = (seconds: number): string => `Building Kubernetes: ${packages} packages, ${seconds} s ...`;
  const { code, stderr } = await sayWhile(say, progress, REPORT_EVERY, work);
  if (code === 0) return;
  throw new ClusterError(
    "E_CLUSTER_BUILD",
    `go build ended with exit code ${code}: ${lastLines(stderr, 5)}`,
    "See whether Go reaches its module proxy (go env GOPROXY), and whether `go version` is what go/go.mod asks for.",
  );
}

/** Milliseconds. */
const REPORT_EVERY = 15_000;

/** In the PATH, or where Go's installer puts it. */
async function findGo(): Promise<string> {
  const { GOROOT: root = "/usr/local/go" } = process.env;
  for (const go of ["go", join(root, "bin", "go")]) {
    const { code } = await run(go, ["version"]).catch(() => ({ code: 127 }));
    if (code === 0) return go;
  }
  throw new ClusterError(
    "E_CLUSTER_NO_GO",
    "the programs of Kubernetes are not built yet, and there is no Go to build them",
    "Install Go 1.26 or newer, or set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kubectl.",
  );
}
