/** Certificates, keys and logs of the API server. */
import { writeFileSync } from "node:fs";

import type { Authority } from "../certificates/authority.ts";
import { writeKeyPair, writePrivately, writeServiceAccountKeys, type KeyPairFiles } from "../certificates/files.ts";
import { KUBERNETES_SERVICE, networkOf } from "../runs/network.ts";
import type { Run } from "../runs/run.ts";

export interface ApiServerFiles {
  readonly ca: string;
  readonly serving: KeyPairFiles;
  readonly kubeletClient: KeyPairFiles;
  readonly serviceAccount: { readonly publicKey: string; readonly privateKey: string };
  readonly auditLog: string;
}

/** The names by which clients on this machine, on the node and in pods call the API server. */
const NAMES = [
  "localhost",
  "127.0.0.1",
  "kubernetes",
  "kubernetes.default",
  "kubernetes.default.svc",
  "kubernetes.default.svc.cluster.local",
  KUBERNETES_SERVICE,
];

export async function writeApiServerFiles(
  run: Run,
  authority: Authority,
  names: readonly string[],
): Promise<ApiServerFiles> {
  const { host } = networkOf(run.state().network);
  const serving = await authority.issueServer("kube-apiserver", [...NAMES, host, ...names]);
  const kubeletClient = await authority.issueClient("kube-apiserver-kubelet-client", ["system:masters"]);
  const auditLog = run.path("audit.log");
  writeFileSync(auditLog, "", { mode: 0o600 });
  return {
    ca: writePrivately(run.path("certificates", "ca.crt"), authority.certificate),
    serving: writeKeyPair(run, "kube-apiserver", serving),
    kubeletClient: writeKeyPair(run, "kube-apiserver-kubelet-client", kubeletClient),
    serviceAccount: writeServiceAccountKeys(run),
    auditLog,
  };
}
