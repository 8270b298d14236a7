/** The network between this machine and the node. */
import { ClusterError } from "../errors.ts";
import { lastLines, run as runProgram } from "../processes/run.ts";
import { networkOf } from "../runs/network.ts";
import type { Run } from "../runs/run.ts";
import { inNode } from "./namespaces.ts";

/**
 * A pair of virtual devices, one end here and one in the node. Pods are reached through the node, with no rule for
 * packets on this machine.
 * @param pid of the process that made the namespaces
 * @throws ClusterError `E_CLUSTER_NODE`
 */
export async function connectNode(run: Run, pid: number): Promise<void> {
  const { number, host, node, podCidr } = networkOf(run.state().network);
  const device = `podsecrets${number}`;
  run.record({ device });
  await ip(["link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", String(pid)]);
  await ip(["address", "add", `${host}/30`, "dev", device]);
  await ip(["link", "set", device, "up"]);
  const there = (args: readonly string[]): Promise<void> => call(inNode(pid, ["ip", ...args]));
  await there(["address", "add", `${node}/30`, "dev", "eth0"]);
  await there(["link", "set", "eth0", "up"]);
  await there(["route", "add", "default", "via", host]);
  await ip(["route", "add", podCidr, "via", node]);
}

function ip(args: readonly string[]): Promise<void> {
  return call({ program: "ip", args });
}

async function call({ program, args }: { readonly program: string; readonly args: readonly string[] }): Promise<void> {
  const { code, stderr } = await runProgram(program, args);
  if (code === 0) return;
  throw new ClusterError(
    "E_CLUSTER_NODE",
    `${program} ${args.join(" ")} ended with ${code}: ${lastLines(stderr, 2)}`,
    "See whether the kernel has veth devices, and whether another network uses the addresses.",
  );
}
