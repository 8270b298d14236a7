/** A node: pods really run. */
import { basename, join } from "node:path";

import { makeControlGroup } from "../runs/control-group.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { kubeconfigText } from "../control-plane/kubeconfig.ts";
import { busyboxImage, pauseImage } from "../images/images.ts";
import { createImageStore, type ImageStore } from "../images/store.ts";
import { sayOnStandardError, type Say } from "../progress.ts";
import { whileRunning, type StartedProcess } from "../processes/start.ts";
import { networkOf } from "../runs/network.ts";
import { startContainerRuntime } from "./container-runtime.ts";
import { startKubelet } from "./kubelet.ts";
import { connectNode } from "./link.ts";
import { startNamespaces } from "./namespaces.ts";
import { ensurePackages } from "./packages.ts";
import { startProxy } from "./proxy.ts";
import { requireNodeSupport } from "./support.ts";

export interface NodeOptions {
  /** Fields of `KubeletConfiguration` that differ from what is there. */
  readonly kubeletConfiguration?: Readonly<Record<string, unknown>>;
  /** Where long work tells how far it is; standard error by default. */
  readonly say?: Say;
  /** Ends the start. */
  readonly signal?: AbortSignal;
}

export interface Node extends ImageStore {
  readonly name: string;
  readonly address: string;
  /** This machine, as pods see it: a server for them listens there. */
  readonly hostAddress: string;
  /** `NAMESPACE_POD_UID/CONTAINER/0.log` */
  readonly podLogs: string;
}

const NAME = "node";

/**
 * Adds a node to a control plane, and waits until it is ready. It ends with the control plane, and so does what it
 * has started when it fails.
 * @throws ClusterError `E_CLUSTER_NODE` where there can be none; `nodeSupport` tells before
 */
export async function startNode(controlPlane: ControlPlane, options: NodeOptions = {}): Promise<Node> {
  const { signal, say = sayOnStandardError } = options;
  requireNodeSupport();
  await ensurePackages(say, signal);
  const { run } = controlPlane;
  const cgroup = basename(run.directory);
  run.record({ cgroup });
  await makeControlGroup(cgroup);
  const { pid } = await startNamespaces(run, signal);
  await connectNode(run, pid);
  await startForward(controlPlane);

  const pause = await pauseImage(run.folder("images"));
  const { snapshotter } = await startContainerRuntime(run, pid, pause.name, signal);
  run.record({ snapshotter });
  const images = createImageStore(run, pid, snapshotter);
  for (const image of [pause, await busyboxImage()]) await images.addImage(image);

  signal?.throwIfAborted();
  const kubelet = await startKubernetes(controlPlane, pid, cgroup, options);
  await whileRunning(kubelet, signal, async (either) => {
    for (const condition of ["create", "condition=Ready"]) {
      const wait = ["wait", `--for=${condition}`, "--timeout=120s", `node/${NAME}`];
      await controlPlane.kubectl(wait, { signal: either });
    }
  });
  const { node, host } = networkOf(run.state().network);
  return { name: NAME, address: node, hostAddress: host, podLogs: run.path("node", "log", "pods"), ...images };
}

async function startForward({ run, server }: ControlPlane): Promise<void> {
  const program = join(import.meta.dirname, "forward.ts");
  const { host } = networkOf(run.state().network);
  await run.start("api-server-forward", process.execPath, [program, host, new URL(server).port]);
}

async function startKubernetes(
  controlPlane: ControlPlane,
  pid: number,
  cgroup: string,
  { kubeletConfiguration = {} }: NodeOptions,
): Promise<StartedProcess> {
  const { run, authority, server } = controlPlane;
  const address = `https://${networkOf(run.state().network).host}:${new URL(server).port}`;
  const kubeconfigFor = async (user: string, groups: readonly string[]): Promise<string> =>
    kubeconfigText({
      server: address,
      ca: authority.certificate,
      client: await authority.issueClient(user, groups),
    });
  const kubelet = await startKubelet(controlPlane, pid, {
    name: NAME,
    kubeconfig: await kubeconfigFor(`system:node:${NAME}`, ["system:nodes"]),
    cgroup,
    configuration: kubeletConfiguration,
  });
  await startProxy(controlPlane, pid, NAME, await kubeconfigFor("system:kube-proxy", []));
  return kubelet;
}
