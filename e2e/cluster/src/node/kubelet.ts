/** The kubelet. */
import { writeFileSync } from "node:fs";

import { writeKeyPair, writePrivately } from "../certificates/files.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import type { StartedProcess } from "../processes/start.ts";
import { networkOf } from "../runs/network.ts";
import { RUNTIME_SOCKET } from "./container-runtime.ts";
import { inNode } from "./namespaces.ts";

export interface KubeletOptions {
  readonly name: string;
  /** The text of its kubeconfig. */
  readonly kubeconfig: string;
  readonly cgroup: string;
  /** Fields of `KubeletConfiguration` that differ from what is there. */
  readonly configuration: Readonly<Record<string, unknown>>;
}

/** @param pid of the process that made the namespaces */
export async function startKubelet(
  controlPlane: ControlPlane,
  pid: number,
  options: KubeletOptions,
): Promise<StartedProcess> {
  const { run, authority, binaries } = controlPlane;
  const { node } = networkOf(run.state().network);
  const serving = writeKeyPair(run, "kubelet", await authority.issueServer(options.name, [options.name, node]));
  const resolvConf = run.path("node", "resolv.conf");
  // The cluster has no DNS, and that of this machine is out of reach: a look-up fails at once.
  writeFileSync(resolvConf, "nameserver 127.0.0.1\n");
  const config = {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    authentication: { anonymous: { enabled: false }, x509: { clientCAFile: run.path("certificates", "ca.crt") } },
    tlsCertFile: serving.certificate,
    tlsPrivateKeyFile: serving.key,
    containerRuntimeEndpoint: `unix://${RUNTIME_SOCKET}`,
    resolvConf,
    volumePluginDir: "/var/lib/kubelet/volume-plugins",
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${options.cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    // The disk belongs to the machine: a full one is not ours to clear. Zero is refused.
    evictionHard: { "memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
    imageGCHighThresholdPercent: 100,
    ...options.configuration,
  };
  const file = writePrivately(run.path("node", "kubelet.json"), JSON.stringify(config));
  const kubeconfig = writePrivately(run.path("kubeconfigs", "kubelet"), options.kubeconfig);
  const { program, args } = inNode(pid, [
    binaries.path("kubelet"),
    `--config=${file}`,
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${options.name}`,
    `--node-ip=${node}`,
  ]);
  return await run.start("kubelet", program, args);
}
