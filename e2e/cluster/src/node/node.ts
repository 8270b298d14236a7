/** A node: pods really run. */
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";

import { makeControlGroup } from "../runs/control-group.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { kubeconfigText } from "../control-plane/kubeconfig.ts";
import { writeArchive, type LocalImage } from "../images/archive.ts";
import { busyboxImage, pauseImage } from "../images/images.ts";
import { loadArchive } from "../images/load.ts";
import { sayOnStandardError, type Say } from "../progress.ts";
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
}

export interface Node {
  readonly name: string;
  readonly address: string;
  /** This machine, as pods see it: a server for them listens there. */
  readonly hostAddress: string;
  /** `NAMESPACE_POD_UID/CONTAINER/0.log` */
  readonly podLogs: string;
  /** Loads a docker or OCI archive. */
  loadImage(archive: string): Promise<void>;
  /** Makes an image of files of this machine, and loads it. */
  addImage(image: LocalImage): Promise<void>;
}

const NAME = "node";

/**
 * Adds a node to a control plane, and waits until it is ready. It ends with the control plane.
 * @throws ClusterError `E_CLUSTER_NODE` where there can be none; `nodeSupport` tells before
 */
export async function startNode(controlPlane: ControlPlane, options: NodeOptions = {}): Promise<Node> {
  requireNodeSupport();
  await ensurePackages(options.say ?? sayOnStandardError);
  const { run } = controlPlane;
  const cgroup = basename(run.directory);
  run.record({ cgroup });
  await makeControlGroup(cgroup);
  const { pid } = await startNamespaces(run);
  await connectNode(run, pid);
  await startForward(controlPlane);

  const pause = await pauseImage(join(run.path("images", "pause"), ".."));
  const { snapshotter } = await startContainerRuntime(run, pid, pause.name);
  run.record({ snapshotter });
  const loadImage = (archive: string): Promise<void> => loadArchive(pid, snapshotter, archive);
  const addImage = async (image: LocalImage): Promise<void> => {
    const archive = run.path("images", `${encodeURIComponent(image.name)}.tar`);
    await writeArchive(image, archive);
    await loadImage(archive);
    await rm(archive);
  };
  for (const image of [pause, await busyboxImage()]) await addImage(image);

  await startKubernetes(controlPlane, pid, cgroup, options);
  await controlPlane.kubectl(["wait", "--for=create", "--timeout=120s", `node/${NAME}`]);
  await controlPlane.kubectl(["wait", "--for=condition=Ready", "--timeout=120s", `node/${NAME}`]);
  const { node, host } = networkOf(run.state().network);
  return {
    name: NAME,
    address: node,
    hostAddress: host,
    podLogs: run.path("node", "log", "pods"),
    loadImage,
    addImage,
  };
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
): Promise<void> {
  const { run, authority, server } = controlPlane;
  const address = `https://${networkOf(run.state().network).host}:${new URL(server).port}`;
  const kubeconfigFor = async (user: string, groups: readonly string[]): Promise<string> =>
    kubeconfigText({
      server: address,
      ca: authority.certificate,
      client: await authority.issueClient(user, groups),
    });
  await startKubelet(controlPlane, pid, {
    name: NAME,
    kubeconfig: await kubeconfigFor(`system:node:${NAME}`, ["system:nodes"]),
    cgroup,
    configuration: kubeletConfiguration,
  });
  await startProxy(controlPlane, pid, NAME, await kubeconfigFor("system:kube-proxy", []));
}
