/**
 * Kubeconfig files. Loading one, and its credentials (certificates, commands, proxies), are the work of
 * @kubernetes/client-node, which is loaded when this is first called.
 */
import { readFile } from "node:fs/promises";
import type { KubeConfig } from "@kubernetes/client-node";
import { quoted } from "@pod-secrets/core";

import { unusableCredentials, type AuthorizedOptions, type Credentials } from "./credentials.ts";

/**
 * @param files of several, the first counts that has an entry of a name, or a current context ("Organizing cluster access
 * using kubeconfig files", Kubernetes docs)
 * @throws AppError `E_KUBECONFIG`
 */
export async function kubeconfigCredentials(files: readonly string[]): Promise<Credentials> {
  const config = await load(files);
  const where = files.map((file) => quoted(file, 200)).join(" and ");
  const have = files.length > 1 ? "have" : "has";
  const context = config.getContextObject(config.getCurrentContext());
  const cluster = config.getCurrentCluster();
  if (context === null || cluster === null || typeof cluster.server !== "string")
    throw unusableCredentials(`${where} ${have} no current context that names a cluster`, FIX_CONTEXT);
  if (context.user !== undefined && config.getCurrentUser() === null)
    throw unusableCredentials(`${where} ${have} no user of the name that its current context gives`, FIX_CONTEXT);
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

async function load(files: readonly string[]): Promise<KubeConfig> {
  const texts = await Promise.all(files.map(readable));
  // kubectl takes one of several that is empty, and a kubeconfig alone says that it is none.
  const filled = files.length > 1 ? files.filter((_file, index) => texts[index]?.trim() !== "") : files;
  const { KubeConfig } = await import("@kubernetes/client-node");
  const [config = new KubeConfig(), ...others] = filled.map((file) => parsed(new KubeConfig(), file));
  return others.reduce(joined, config);
}

function parsed(config: KubeConfig, file: string): KubeConfig {
  try {
    config.loadFromFile(file);
  } catch {
    // The library's text may quote the file.
    throw unusableCredentials(`${quoted(file, 200)} is no kubeconfig`, FIX_FILE);
  }
  return config;
}

/** The library's own way to join two throws where both have an entry of one name, and takes the last current context. */
function joined(first: KubeConfig, second: KubeConfig): KubeConfig {
  first.loadFromOptions({
    clusters: firstOfEachName([...first.getClusters(), ...second.getClusters()]),
    users: firstOfEachName([...first.getUsers(), ...second.getUsers()]),
    contexts: firstOfEachName([...first.getContexts(), ...second.getContexts()]),
    currentContext: first.getCurrentContext() || second.getCurrentContext(),
  });
  return first;
}

function firstOfEachName<Entry extends { readonly name: string }>(entries: readonly Entry[]): readonly Entry[] {
  const names = new Set<string>();
  return entries.filter(({ name }) => names.size < names.add(name).size);
}

/** The library says less of a file that is missing than Node does. */
async function readable(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
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
