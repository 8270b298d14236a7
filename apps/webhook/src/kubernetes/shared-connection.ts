/** One connection to the API server for all that need it, opened by whoever needs it first. */
import { resolve } from "node:path";

import type { Config } from "../config/schema.ts";
import type { KubernetesConnection } from "./open-client.ts";

/**
 * Nothing is loaded before the first call.
 * @param signal ends calls that are under way
 * @returns throws AppError `E_KUBECONFIG`
 */
export function sharedConnection(
  { kubernetes, baseDirectory }: Pick<Config, "kubernetes" | "baseDirectory">,
  signal: AbortSignal,
): () => Promise<KubernetesConnection> {
  let connection: Promise<KubernetesConnection> | undefined;
  const open = async (): Promise<KubernetesConnection> => {
    const { openKubernetes } = await import("./open-client.ts");
    const { kubeconfig, namespace } = kubernetes;
    const file = kubeconfig === undefined ? undefined : resolve(baseDirectory, kubeconfig);
    return openKubernetes({ kubeconfig: file, namespace, signal });
  };
  return () => (connection ??= open());
}
