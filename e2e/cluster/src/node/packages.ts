/** The programs of a node that are no part of Kubernetes: from Debian, or from whoever installed them before. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

import { ClusterError } from "../errors.ts";
import { lastLines, run } from "../processes/run.ts";
import type { Say } from "../progress.ts";

/** Each program that is called, and the Debian package that has it. */
const PACKAGES: Readonly<Record<string, string>> = {
  containerd: "containerd",
  ctr: "containerd",
  runc: "runc",
  busybox: "busybox-static",
  ip: "iproute2",
  iptables: "iptables",
  conntrack: "conntrack",
  nsenter: "util-linux",
  unshare: "util-linux",
  mount: "mount",
  tar: "tar",
};

/** Where distributions put the CNI plugins. */
const PLUGIN_FOLDERS = ["/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"];
const PLUGINS = ["ptp", "host-local", "loopback"];

/**
 * Sees to it that all programs are there; what is missing is installed by apt-get.
 * @throws ClusterError `E_CLUSTER_PACKAGES`
 */
export async function ensurePackages(say: Say, signal?: AbortSignal): Promise<void> {
  const wanted = missingPackages();
  if (wanted.length === 0) return;
  say(`Installing ${wanted.join(", ")} ...`);
  const install = ["install", "--yes", "--no-install-recommends", ...wanted];
  for (const args of [["update"], install]) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    signal?.throwIfAborted();
    const { code, stderr } = await run("apt-get", args, { env, signal }).catch((error: unknown) => ({
      code: 127,
      stderr: String(error),
    }));
    if (code !== 0) throw cannotInstall(wanted, `apt-get ${args[0]} ended with ${code}: ${lastLines(stderr, 3)}`);
  }
  const still = missingPackages();
  if (still.length > 0) throw cannotInstall(still, `apt-get did not bring ${still.join(", ")}`);
}

/** @throws ClusterError `E_CLUSTER_PACKAGES` */
export function pluginFolder(): string {
  const folder = findPluginFolder();
  if (folder === undefined) throw cannotInstall(["containernetworking-plugins"], "there are no CNI plugins");
  return folder;
}

function missingPackages(): string[] {
  const programs = Object.keys(PACKAGES).filter((program) => !isInPath(program));
  const packages = programs.map((program) => PACKAGES[program] ?? program);
  return [...new Set([...packages, ...(findPluginFolder() === undefined ? ["containernetworking-plugins"] : [])])];
}

function isInPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}

function findPluginFolder(): string | undefined {
  return PLUGIN_FOLDERS.find((folder) => PLUGINS.every((plugin) => existsSync(join(folder, plugin))));
}

function cannotInstall(packages: readonly string[], why: string): ClusterError {
  return new ClusterError("E_CLUSTER_PACKAGES", why, `Install these yourself: ${packages.join(" ")}.`);
}
