/**
 * The service account of a pod: two environment variables and the files that the kubelet mounts. Few enough to read
 * them here; the library for kubeconfigs would cost each replica 5 MB (docs/decisions/0017-kubernetes-client.md).
 */
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";

import { unusableCredentials, type Credentials } from "./credentials.ts";

// As in server/operations-server.ts: an import statement would load undici with node:http.
const { Agent } = process.getBuiltinModule("node:https");

/** Where the kubelet mounts it. https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
export const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * Milliseconds after which a token is read anew, as in client-go (`transport.NewCachedFileTokenSource`). The kubelet
 * exchanges it when a fifth of its life is left, some ten minutes of an hour.
 */
const TOKEN_AGE = 60_000;

export interface ServiceAccountPlace {
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** @throws AppError `E_KUBECONFIG` */
export async function serviceAccountCredentials(place: ServiceAccountPlace = {}): Promise<Credentials> {
  const { directory = SERVICE_ACCOUNT, environment = process.env } = place;
  const server = apiServer(environment);
  const token = await followToken(`${directory}/token`);
  const agent = new Agent({ ca: await readCa(`${directory}/ca.crt`) });
  return {
    server,
    namespace: undefined,
    options: async () => ({ agent, headers: { Authorization: `Bearer ${await token()}` } }),
  };
}

function apiServer(environment: Readonly<Record<string, string | undefined>>): URL {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "" } = environment;
  if (host === "" || port === "")
    throw unusableCredentials(
      "no kubeconfig is configured, and this is no pod: KUBERNETES_SERVICE_HOST is not set",
      "Set `kubernetes.kubeconfig`, run in a cluster, or give `serve --no-register` to talk to none.",
    );
  const origin = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const server = URL.parse(origin);
  // Whatever is more than a host and a port would lead elsewhere, with the token.
  if (server !== null && server.href === `${server.origin}/` && /^\d+$/.test(port)) return server;
  throw unusableCredentials(
    "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no host and port",
    "Leave them to the kubelet, or set them to where the API server is.",
  );
}

/** When its file cannot be read for a while, the last token is still good for some minutes. */
async function followToken(file: string): Promise<() => Promise<string>> {
  let token = await readToken(file);
  let readAt = performance.now();
  return async () => {
    if (performance.now() - readAt < TOKEN_AGE) return token;
    readAt = performance.now();
    token = await readToken(file).catch(() => token);
    return token;
  };
}

/** What may stand behind `Bearer`: RFC 6750, section 2.1. */
const TOKEN = /^[\w.~+/-]+=*$/;

async function readToken(file: string): Promise<string> {
  const token = (await readMounted(file)).trim();
  if (TOKEN.test(token)) return token;
  throw unusableCredentials(`${file} holds no token`, FIX_FILES);
}

/** Without a CA, Node would trust all that the web trusts. */
async function readCa(file: string): Promise<string> {
  const ca = await readMounted(file);
  try {
    void new X509Certificate(ca);
    return ca;
  } catch {
    throw unusableCredentials(`${file} holds no certificate`, FIX_FILES);
  }
}

const FIX_FILES = "Leave the files of the service account to the kubelet: `automountServiceAccountToken: true`.";

async function readMounted(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    throw unusableCredentials(
      `${file} cannot be read`,
      "Do not set `automountServiceAccountToken: false` on the webhook's pod or service account.",
    );
  }
}
