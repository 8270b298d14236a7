import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { findBinaries } from "../src/binaries/binaries.ts";
import { withLock } from "../src/binaries/lock.ts";
import { nodeSupport, startControlPlane } from "../src/index.ts";
import { identityOf } from "../src/processes/identity.ts";
import { run } from "../src/processes/run.ts";

const MAIN = join(import.meta.dirname, "../src/main.ts");
const silent = (): void => undefined;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cluster-binaries-"));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe("the programs", () => {
  test("are built once, and stay in the cache", async () => {
    const first = await findBinaries();
    const second = await findBinaries();
    expect(second.directory).toBe(first.directory);
    const { stdout } = await run(first.path("kubelet"), ["--version"]);
    expect(stdout).toBe("Kubernetes v1.36.3\n");
  });

  test("come from KUBEBUILDER_ASSETS, when it is set: then there are neither controllers nor a node", async () => {
    const built = await findBinaries();
    for (const program of ["etcd", "kube-apiserver", "kubectl"] as const) {
      symlinkSync(built.path(program), join(folder, program));
    }
    vi.stubEnv("KUBEBUILDER_ASSETS", folder);
    expect(nodeSupport()).toMatchObject({ kind: "unsupported", reason: expect.stringContaining("has no kubelet") });
    await expect(startControlPlane({ controllers: true })).rejects.toThrow("has no kube-controller-manager");
    await using cluster = await startControlPlane();
    expect(cluster.hasControllers).toBe(false);
    expect(cluster.binaries.directory).toBe(folder);
    await expect(cluster.kubectl(["get", "--raw", "/readyz"])).resolves.toMatchObject({ stdout: "ok" });
  });

  test("that KUBEBUILDER_ASSETS lacks are named", async () => {
    const built = await findBinaries();
    symlinkSync(built.path("etcd"), join(folder, "etcd"));
    vi.stubEnv("KUBEBUILDER_ASSETS", folder);
    await expect(findBinaries()).rejects.toMatchObject({
      code: "E_CLUSTER_ASSETS",
      message: expect.stringContaining("has no kube-apiserver, no kubectl"),
    });
  });

  test("cannot be had without Go, and the message says what to do", async () => {
    const env = { PATH: folder, XDG_CACHE_HOME: folder, GOROOT: folder, TMPDIR: folder };
    const { code, stderr } = await run(process.execPath, [MAIN, "up", "--no-node"], { env });
    expect(code).toBe(1);
    expect(stderr).toContain("E_CLUSTER_NO_GO");
    expect(stderr).toContain("Install Go 1.26 or newer, or set KUBEBUILDER_ASSETS");
  });
});

describe("a build that fails", () => {
  test("says what Go said, and leaves nothing in the cache", async () => {
    vi.stubEnv("XDG_CACHE_HOME", folder);
    vi.stubEnv("GOMODCACHE", join(folder, "modules"));
    vi.stubEnv("GOPROXY", "off");
    const failed = findBinaries(silent);
    await expect(failed).rejects.toMatchObject({
      code: "E_CLUSTER_BUILD",
      message: expect.stringContaining("GOPROXY=off"),
    });
    expect(readdirSync(join(folder, "pod-secrets", "cluster"))).toEqual([]);
  });
});

describe("the lock around a build", () => {
  test("lets one in at a time", async () => {
    const file = join(folder, "lock");
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await sleep(20);
      inside--;
    };
    await Promise.all([withLock(file, silent, work), withLock(file, silent, work), withLock(file, silent, work)]);
    expect(most).toBe(1);
  });

  test("is taken over from a process that is gone, also when its id belongs to another by now", async () => {
    const file = join(folder, "lock");
    writeFileSync(file, JSON.stringify({ ...identityOf(process.pid), startTime: "0" }));
    await expect(withLock(file, silent, async () => "built")).resolves.toBe("built");
  });
});
