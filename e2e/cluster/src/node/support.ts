/** Whether this machine can be a node, on which pods run. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { ClusterError } from "../errors.ts";
import type { Support } from "../support.ts";

/** Why there can be no node, and how to get one; for tests that skip. */
export function nodeSupport(): Support {
  if (process.platform !== "linux") {
    return unsupported(`pods run on Linux, and this is ${process.platform}`, "Use a virtual machine with Linux.");
  }
  if (process.getuid?.() !== 0) {
    return unsupported("a node needs root, for namespaces and mounts", "Run it as root, in a machine to throw away.");
  }
  const { KUBEBUILDER_ASSETS: assets } = process.env;
  const missing = ["kubelet", "kube-proxy", "kube-scheduler", "kube-controller-manager"].filter(
    (program) => assets !== undefined && assets !== "" && !existsSync(join(assets, program)),
  );
  if (missing.length === 0) return { kind: "supported" };
  const fix = "Put them there, or unset KUBEBUILDER_ASSETS: then they are built, for which Go is needed.";
  return unsupported(`KUBEBUILDER_ASSETS=${assets} has no ${missing.join(", no ")}`, fix);
}

/** @throws ClusterError `E_CLUSTER_NODE` */
export function requireNodeSupport(): void {
  const support = nodeSupport();
  if (support.kind === "unsupported") throw new ClusterError("E_CLUSTER_NODE", support.reason, support.fix);
}

function unsupported(reason: string, fix: string): Support {
  return { kind: "unsupported", reason, fix };
}
