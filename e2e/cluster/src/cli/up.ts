/** `up`: a cluster in the background. */
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import type { Say } from "../progress.ts";
import { requireNone } from "./background.ts";

export interface UpOptions {
  readonly hasNode: boolean;
  readonly say: Say;
  readonly print: (text: string) => void;
  readonly signal: AbortSignal;
}

export async function up({ say, print, signal }: UpOptions): Promise<number> {
  requireNone();
  const start = performance.now();
  const controlPlane = await startControlPlane({ lifetime: "background", say, signal });
  say(`Ready after ${((performance.now() - start) / 1000).toFixed(1)} s.`);
  print(describe(controlPlane));
  return 0;
}

function describe({ kubeconfig, server, directory }: ControlPlane): string {
  return `Kubernetes serves on ${server}.

  export KUBECONFIG=${kubeconfig}
  npm run -s cluster -- kubectl get namespaces

Its files and logs: ${directory}. To end it: npm run -s cluster -- down
`;
}
