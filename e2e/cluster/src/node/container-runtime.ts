/** containerd, and the network of pods. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ClusterError } from "../errors.ts";
import { run as runProgram } from "../processes/run.ts";
import { endedEarly } from "../processes/start.ts";
import { networkOf } from "../runs/network.ts";
import type { Run } from "../runs/run.ts";
import { inNode } from "./namespaces.ts";
import { pluginFolder } from "./packages.ts";

/** As the kubelet sees it, in the node's namespaces. */
export const RUNTIME_SOCKET = "/run/containerd/containerd.sock";

export interface ContainerRuntime {
  /** Where the layers of images become a file system. */
  readonly snapshotter: Snapshotter;
}

export type Snapshotter = "overlayfs" | "native";

/** @throws ClusterError `E_CLUSTER_START` */
export async function startContainerRuntime(
  run: Run,
  pid: number,
  pauseImage: string,
  signal?: AbortSignal,
): Promise<ContainerRuntime> {
  const snapshotter = await chooseSnapshotter(run, pid);
  const networks = run.path("node", "cni", "pods.conflist");
  writeFileSync(networks, JSON.stringify(podNetwork(run)));
  const config = run.path("node", "containerd.toml");
  writeFileSync(config, configuration(pauseImage, snapshotter, join(networks, "..")));
  const { program, args } = inNode(pid, ["containerd", "--config", config]);
  const started = await run.start("containerd", program, args);
  const deadline = performance.now() + PATIENCE;
  while (!(await answers(pid))) {
    signal?.throwIfAborted();
    const ending = started.ending();
    if (ending !== undefined) throw endedEarly(started, ending);
    if (performance.now() > deadline) {
      throw new ClusterError("E_CLUSTER_START", "containerd does not answer after 60 s", `See ${started.logFile}.`);
    }
    await sleep(STEP);
  }
  return { snapshotter };
}

/** Milliseconds. */
const PATIENCE = 60_000;
const STEP = 50;

async function answers(pid: number): Promise<boolean> {
  if (!existsSync(`/proc/${pid}`)) return false;
  const { program, args } = inNode(pid, ["ctr", "--address", RUNTIME_SOCKET, "--timeout", "2s", "version"]);
  return (await runProgram(program, args)).code === 0;
}

/** Overlays are quick, and small; where the kernel or the file system has none, layers are copied. */
async function chooseSnapshotter(run: Run, pid: number): Promise<Snapshotter> {
  const folder = run.folder("node", "overlay-trial");
  const [lower, upper, work, merged] = ["lower", "upper", "work", "merged"].map((name) => join(folder, name));
  for (const each of [lower, upper, work, merged]) mkdirSync(each ?? folder, { recursive: true });
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  const script = `mount -t overlay overlay -o "$1" "$2" && umount "$2"`;
  const { program, args } = inNode(pid, ["sh", "-c", script, "sh", options, merged ?? folder]);
  return (await runProgram(program, args)).code === 0 ? "overlayfs" : "native";
}

/** Each pod has a link of its own to the node: all its packets pass the rules of kube-proxy, also those to a neighbour. */
function podNetwork(run: Run): object {
  const { podCidr } = networkOf(run.state().network);
  const ipam = {
    type: "host-local",
    dataDir: "/run/cni-addresses",
    ranges: [[{ subnet: podCidr }]],
    routes: [{ dst: "0.0.0.0/0" }],
  };
  return { cniVersion: "0.4.0", name: "pods", plugins: [{ type: "ptp", mtu: 1500, ipam }] };
}

function configuration(pauseImage: string, snapshotter: Snapshotter, networks: string): string {
  return `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
# It would make a folder in /opt.
disabled_plugins = ["io.containerd.internal.v1.opt"]

[grpc]
address = "${RUNTIME_SOCKET}"

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${pauseImage}"
# On some machines root may not make a process harder to kill.
restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "${pluginFolder()}"
conf_dir = "${networks}"

[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "${snapshotter}"
`;
}
