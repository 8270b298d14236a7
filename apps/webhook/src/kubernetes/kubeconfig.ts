/**
 * How to reach and convince the API server: a kubeconfig file, or the service account of the pod. Loading it, and its
 * credentials, are the work of @kubernetes/client-node, which is loaded when this is first called.
 */
import { readFile } from "node:fs/promises";
import type { OutgoingHttpHeaders } from "node:http";
import type { RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { quoted } from "@pod-secrets/core";

import { AppError } from "../errors.ts";

/** Agent, CA, certificate and headers of a request. */
export interface AuthorizedOptions extends Omit<RequestOptions, "headers"> {
  readonly headers?: OutgoingHttpHeaders;
}

export interface Credentials {
  /** `https://host:port`, perhaps with a path before those of the API. */
  readonly server: URL;
  /** That of the kubeconfig's context, or of the pod. */
  readonly namespace: string | undefined;
  /** May read files, or run the kubeconfig's command. */
  options(): Promise<AuthorizedOptions>;
}

/** Where the kubelet mounts the service account. */
export const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * @param file a kubeconfig; without, the pod's service account
 * @throws AppError `E_KUBECONFIG`
 */
export async function loadCredentials(file: string | undefined): Promise<Credentials> {
  const config = file === undefined ? await fromServiceAccount() : await fromFile(file);
  const where = file === undefined ? "the service account" : quoted(file, 200);
  const context = config.getContextObject(config.getCurrentContext());
  const cluster = config.getCurrentCluster();
  if (context === null || cluster === null || typeof cluster.server !== "string")
    throw unusable(`${where} has no current context that names a cluster`, FIX_CONTEXT);
  if (context.user !== undefined && config.getCurrentUser() === null)
    throw unusable(`${where} has no user of the name that its current context gives`, FIX_CONTEXT);
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

function unusable(message: string, fix?: string): AppError {
  return new AppError("E_KUBECONFIG", message, fix);
}

async function fromFile(file: string): Promise<KubeConfig> {
  await readable(file);
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch {
    // The library's text may quote the file.
    throw unusable(`${quoted(file, 200)} is no kubeconfig`, FIX_FILE);
  }
  return config;
}

/** The library says less of a file that is missing than Node does. */
async function readable(file: string): Promise<void> {
  try {
    await readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw unusable(`${quoted(file, 200)} cannot be read (${code})`, FIX_FILE);
  }
}

async function fromServiceAccount(): Promise<KubeConfig> {
  if (process.env["KUBERNETES_SERVICE_HOST"] === undefined || process.env["KUBERNETES_SERVICE_PORT"] === undefined)
    throw unusable(
      "no kubeconfig is configured, and this is no pod: KUBERNETES_SERVICE_HOST is not set",
      "Set `kubernetes.kubeconfig`, run in a cluster, or give `serve --no-register` to talk to none.",
    );
  for (const name of ["token", "ca.crt"]) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- two files
      await readFile(`${SERVICE_ACCOUNT}/${name}`);
    } catch {
      throw unusable(
        `${SERVICE_ACCOUNT}/${name} cannot be read`,
        "Do not set `automountServiceAccountToken: false` on the webhook's pod or service account.",
      );
    }
  }
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromCluster();
  return config;
}

function serverUrl(text: string, where: string): URL {
  const server = URL.parse(text);
  // Plain HTTP would send the credentials to whoever listens.
  if (server?.protocol !== "https:")
    throw unusable(`the server of ${where} is no https:// address`, "Correct the cluster's `server`.");
  return server;
}
