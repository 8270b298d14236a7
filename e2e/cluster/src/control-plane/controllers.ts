/** kube-controller-manager and kube-scheduler. */
import type { Binaries } from "../binaries/binaries.ts";
import type { Run } from "../runs/run.ts";
import type { ApiServerFiles } from "./api-server-files.ts";

/** @param kubeconfig of an admin */
export async function startControllers(
  run: Run,
  binaries: Binaries,
  files: ApiServerFiles,
  kubeconfig: string,
): Promise<void> {
  // There is one of each, and nobody asks for their metrics.
  const common = [`--kubeconfig=${kubeconfig}`, "--leader-elect=false", "--secure-port=0"];
  await run.start("kube-controller-manager", binaries.path("kube-controller-manager"), [
    ...common,
    `--root-ca-file=${files.ca}`,
    `--service-account-private-key-file=${files.serviceAccount.privateKey}`,
    // By default it makes a folder in /usr/libexec.
    `--flex-volume-plugin-dir=${run.folder("flex-volumes")}`,
    // A token for each controller takes five seconds.
    "--use-service-account-credentials=false",
  ]);
  await run.start("kube-scheduler", binaries.path("kube-scheduler"), common);
}
