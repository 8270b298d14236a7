/** A folder with programs of Kubernetes that the user brings along. */
import { accessSync, constants } from "node:fs";
import { join } from "node:path";

import { ClusterError } from "../errors.ts";
import { PROGRAMS, type ProgramName } from "./programs.ts";

/** What envtest puts there, and what a control plane cannot do without. */
const REQUIRED: readonly ProgramName[] = ["etcd", "kube-apiserver", "kubectl"];

/** @throws ClusterError `E_CLUSTER_ASSETS` when what a control plane needs is not there */
export function assetsIn(directory: string): readonly ProgramName[] {
  const found = PROGRAMS.filter((program) => canRun(join(directory, program)));
  const missing = REQUIRED.filter((program) => !found.includes(program));
  if (missing.length === 0) return found;
  throw new ClusterError(
    "E_CLUSTER_ASSETS",
    `KUBEBUILDER_ASSETS=${directory} has no ${missing.join(", no ")}`,
    "Have setup-envtest fill a folder, or unset KUBEBUILDER_ASSETS: then all is built, for which Go is needed.",
  );
}

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
