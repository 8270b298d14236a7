/** `up`: a cluster in the background. */
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import type { Node } from "../node/node.ts";
import { startNode } from "../node/node.ts";
import { nodeSupport } from "../node/support.ts";
import type { Say } from "../progress.ts";
import { requireNone } from "./background.ts";

export interface UpOptions {
  readonly hasNode: boolean;
  readonly say: Say;
  readonly print: (text: string) => void;
  readonly signal: AbortSignal;
}

/** @throws ClusterError */
export async function up({ hasNode, say, print, signal }: UpOptions): Promise<number> {
  requireNone();
  const start = performance.now();
  const controlPlane = await startControlPlane({ lifetime: "background", say, signal });
  try {
    const node = hasNode ? await addNode(controlPlane, say, signal) : undefined;
    // Told to stop during the last step: nobody waits for a cluster any more.
    signal.throwIfAborted();
    say(`Ready after ${((performance.now() - start) / 1000).toFixed(1)} s.`);
    print(describe(controlPlane, node));
    return 0;
  } catch (error) {
    await controlPlane.stop();
    throw error;
  }
}

async function addNode(controlPlane: ControlPlane, say: Say, signal: AbortSignal): Promise<Node | undefined> {
  const support = nodeSupport();
  if (support.kind === "supported") return await startNode(controlPlane, { say, signal });
  say(`Without a node: ${support.reason}. Fix: ${support.fix}`);
  return undefined;
}

function describe({ kubeconfig, server, directory }: ControlPlane, node: Node | undefined): string {
  const pods =
    node === undefined
      ? "It has no node: pods are accepted, and stay Pending."
      : `Pods run on its node, and reach this machine at ${node.hostAddress}. There is no registry: load images with
  npm run -s cluster -- image            (the webhook's)
  npm run -s cluster -- fetch-image      (that of managers that fetch)
  npm run -s cluster -- load-image FILE
docker.io/local/busybox:1 is there.`;
  return `Kubernetes serves on ${server}.

  export KUBECONFIG=${kubeconfig}
  npm run -s cluster -- kubectl get namespaces

${pods}
Files and logs: ${directory}. To end it: npm run -s cluster -- down
`;
}
