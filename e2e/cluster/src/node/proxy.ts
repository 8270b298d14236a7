/** kube-proxy: cluster IPs of Services, for pods. Its packet rules stay in the node's network namespace. */
import { writePrivately } from "../certificates/files.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { networkOf } from "../runs/network.ts";
import { inNode } from "./namespaces.ts";

/** @param kubeconfig the text of its kubeconfig */
export async function startProxy(
  { run, binaries }: ControlPlane,
  pid: number,
  name: string,
  kubeconfig: string,
): Promise<void> {
  const config = {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "iptables",
    hostnameOverride: name,
    clusterCIDR: networkOf(run.state().network).podCidr,
    clientConnection: { kubeconfig: writePrivately(run.path("kubeconfigs", "kube-proxy"), kubeconfig) },
    // The limits of the connection table belong to the machine.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
    iptables: { localhostNodePorts: false },
  };
  const file = writePrivately(run.path("node", "kube-proxy.json"), JSON.stringify(config));
  const { program, args } = inNode(pid, [binaries.path("kube-proxy"), `--config=${file}`]);
  await run.start("kube-proxy", program, args);
}
