/** The way to the Kubernetes API: from settings to a client. */
import { readFile } from "node:fs/promises";

import type { Credentials } from "./credentials.ts";
import { kubeconfigCredentials } from "./kubeconfig.ts";
import type { KubernetesClient, KubernetesObject } from "./kubernetes-client.ts";
import { createRest, type Rest, type RestCall } from "./rest.ts";
import { SERVICE_ACCOUNT, serviceAccountCredentials } from "./service-account.ts";
import { watchObject } from "./watch.ts";

export interface KubernetesSettings {
  /** A kubeconfig file, or several that are read as one; without any, the pod's service account. */
  readonly kubeconfig?: string | readonly string[] | undefined;
  /** Where the webhook is installed; without, see {@link KubernetesConnection}. */
  readonly namespace?: string | undefined;
  /** Ends calls that are under way. */
  readonly signal: AbortSignal;
  /** Milliseconds for each call. */
  readonly timeLimit?: number;
}

export interface KubernetesConnection {
  readonly client: KubernetesClient;
  /**
   * That of the settings, else `POD_NAMESPACE`, else that of the service account, else that of the kubeconfig's
   * context, else `default`.
   */
  readonly namespace: string;
  /** Of the API server, for messages. */
  readonly server: string;
}

/** The webhook's writes are small: what takes longer than this is repeated rather than waited for. */
const TIME_LIMIT = 10_000;

/**
 * Loads the credentials, and for those of a kubeconfig a library; asks the API server nothing yet.
 * @throws AppError `E_KUBECONFIG`
 */
export async function openKubernetes(settings: KubernetesSettings): Promise<KubernetesConnection> {
  const files = [settings.kubeconfig ?? []].flat();
  const load = (): Promise<Credentials> =>
    files.length === 0 ? serviceAccountCredentials() : kubeconfigCredentials(files);
  const credentials = await load();
  const rest = createRest(credentials, load, settings.timeLimit ?? TIME_LIMIT);
  return {
    client: createClient(rest, settings.signal),
    namespace: settings.namespace ?? (await ownNamespace(credentials)),
    server: credentials.server.origin,
  };
}

async function ownNamespace({ namespace }: Credentials): Promise<string> {
  const candidates = [process.env["POD_NAMESPACE"], await serviceAccountNamespace(), namespace?.trim()];
  return candidates.find((name) => name !== undefined && name !== "") ?? "default";
}

async function serviceAccountNamespace(): Promise<string | undefined> {
  try {
    return (await readFile(`${SERVICE_ACCOUNT}/namespace`, "utf8")).trim();
  } catch {
    return undefined;
  }
}

const JSON_PATCH = "application/json-patch+json";

function createClient(rest: Rest, signal: AbortSignal): KubernetesClient {
  const ask = <Kind extends KubernetesObject>(call: Omit<RestCall, "signal">): Promise<Kind> =>
    rest.exchange({ ...call, signal }) as Promise<Kind>;
  return {
    get: (path) => ask({ method: "GET", path }),
    create: (path, object) => ask({ method: "POST", path, body: object }),
    replace: (path, object) => ask({ method: "PUT", path, body: object }),
    patch: (path, operations) => ask({ method: "PATCH", path, body: operations, contentType: JSON_PATCH }),
    remove: async (path, uid) => {
      const body = uid === undefined ? {} : { body: { preconditions: { uid } } };
      await ask({ method: "DELETE", path, ...body });
    },
    watch: (collection, name, onEvent, options) => {
      const either = AbortSignal.any([signal, options.signal]);
      void watchObject(rest, { collection, name }, onEvent, { ...options, signal: either });
    },
  };
}
