/**
 * A kubeconfig file. Loading it, and its credentials (certificates, commands, proxies), are the work of
 * @kubernetes/client-node, which is loaded when this is first called.
 */
import { readFile } from "node:fs/promises";
import type { KubeConfig } from "@kubernetes/client-node";
import { quoted } from "@pod-secrets/core";

import { unusableCredentials, type AuthorizedOptions, type Credentials } from "./credentials.ts";

/** @throws AppError `E_KUBECONFIG` */
export async function kubeconfigCredentials(file: string): Promise<Credentials> {
  const config = await load(file);
  const where = quoted(file, 200);
  const context = config.getContextObject(config.getCurrentContext());
  const cluster = config.getCurrentCluster();
  if (context === null || cluster === null || typeof cluster.server !== "string")
    throw unusableCredentials(`${where} has no current context that names a cluster`, FIX_CONTEXT);
  if (context.user !== undefined && config.getCurrentUser() === null)
    throw unusableCredentials(`${where} has no user of the name that its current context gives`, FIX_CONTEXT);
  return {
    server: serverUrl(cluster.server, where),
    namespace: context.namespace,
    options: async () => {
      const options: AuthorizedOptions = {};
      await config.applyToHTTPSOptions(options);
      return options;
    },
  };
}

const FIX_FILE = "Correct `kubernetes.kubeconfig`, or remove it to use the pod's service account.";
const FIX_CONTEXT = "Set `current-context`, with a context, a cluster and a user of these names in the file.";

async function load(file: string): Promise<KubeConfig> {
  await readable(file);
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch {
    // The library's text may quote the file.
    throw unusableCredentials(`${quoted(file, 200)} is no kubeconfig`, FIX_FILE);
  }
  return config;
}

/** The library says less of a file that is missing than Node does. */
async function readable(file: string): Promise<void> {
  try {
    await readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw unusableCredentials(`${quoted(file, 200)} cannot be read (${code})`, FIX_FILE);
  }
}

function serverUrl(text: string, where: string): URL {
  const server = URL.parse(text);
  // Plain HTTP would send the credentials to whoever listens.
  if (server?.protocol !== "https:")
    throw unusableCredentials(`the server of ${where} is no https:// address`, "Correct the cluster's `server`.");
  return server;
}
