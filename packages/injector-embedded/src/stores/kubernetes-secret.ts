/** Secrets of one namespace of the cluster, by the API server and the identity of the webhook's own service account. */
import { quoted } from "@pod-secrets/core";
import { absolutePath, NOT_ENCRYPTED, serverUrl } from "@pod-secrets/fetch-container";
import { isPrivateWay } from "@pod-secrets/secret-fetch/request";
import {
  FetchFailure,
  below,
  defineProvider,
  parseJsonObject,
  textField,
  type FailureKind,
  type JsonObject,
  type ProviderHost,
  type ProviderPlugin,
} from "@pod-secrets/secret-fetch/stores";
import * as z from "zod";

/** Which API server and namespace. */
export interface KubernetesSettings {
  readonly namespace: string;
  /** Address of the API server; that of the cluster whose pod this is when left out. */
  readonly server?: string | undefined;
  /** File with the token of a service account. */
  readonly tokenFile: string;
  /** PEM file with the authorities of the API server. */
  readonly caFile: string;
}

/** One value of a Secret. */
export interface KubernetesSource {
  readonly name: string;
  readonly dataKey: string;
}

/** Where the kubelet mounts them (Kubernetes docs, "Accessing the Kubernetes API from a Pod"). */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** A Secret holds 1 MiB at most, in base64, and its metadata. */
const MAX_BYTES = 4_194_304;

const settings: z.ZodType<KubernetesSettings> = z.strictObject({
  namespace: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "is no namespace name")
    .default("flyte")
    .describe(
      "Namespace of the Secrets. The webhook needs the right to get every Secret in it, so it should hold no others.",
    ),
  server: serverUrl
    .refine(isPrivateServer, {
      error: NOT_ENCRYPTED,
      params: {
        fix: "Write https: in place of http:, or leave it out for the API server of the webhook's own cluster.",
      },
    })
    .optional()
    .describe("Address of the API server. Left out: that of the webhook's own cluster."),
  tokenFile: absolutePath.default(`${SERVICE_ACCOUNT}/token`).describe("File with the token of a service account."),
  caFile: absolutePath
    .default(`${SERVICE_ACCOUNT}/ca.crt`)
    .describe("PEM file with the authorities of the API server."),
});

/** What is no address at all, has been found already. */
function isPrivateServer(text: string): boolean {
  const url = URL.parse(text);
  return url === null || isPrivateWay(url);
}

const source: z.ZodType<KubernetesSource> = z.strictObject({
  name: z.string().regex(/^[0-9a-f]{32}$/),
  dataKey: z.string().regex(/^[-._a-zA-Z0-9]{1,253}$/),
});

export const kubernetesSecret: ProviderPlugin<typeof settings, typeof source> = defineProvider({
  name: "kubernetes-secret",
  settings,
  source,
  create: (options, host) => ({
    async fetch({ name, dataKey }, signal) {
      const { namespace, caFile } = options;
      const what = `Secret ${name} of namespace ${quoted(namespace)}`;
      const url = below(serverOf(options, host), `/api/v1/namespaces/${namespace}/secrets/${name}`);
      const headers = { accept: "application/json", authorization: `Bearer ${await tokenOf(options, host)}` };
      const { status, body } = await host.http({ method: "GET", url, headers, signal, caFile, maxBytes: MAX_BYTES });
      const answer = parseJsonObject(body);
      if (status !== 200) throw failureOf(what, status, answer);
      return valueOf(answer, dataKey, what);
    },
  }),
});

/** @throws FetchFailure `wrong-request` outside of a cluster */
function serverOf({ server }: KubernetesSettings, { env }: ProviderHost): URL {
  const host = env["KUBERNETES_SERVICE_HOST"] ?? "";
  const port = env["KUBERNETES_SERVICE_PORT"] ?? "443";
  const address = server ?? `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const url = URL.parse(address);
  if (url !== null) return url;
  throw new FetchFailure("wrong-request", "no API server is known", "Run the webhook in a pod of the cluster.");
}

/** Read each time: the kubelet replaces it before it expires. */
async function tokenOf({ tokenFile }: KubernetesSettings, { readFile }: ProviderHost): Promise<string> {
  try {
    const token = new TextDecoder().decode(await readFile(tokenFile)).trim();
    if (/^[!-~]+$/.test(token)) return token;
  } catch {
    // Said below: that the file is missing must not look like a missing secret.
  }
  throw new FetchFailure(
    "unauthenticated",
    `${quoted(tokenFile, 160)} holds no token of a service account`,
    "Let the pod of the webhook mount the token of its service account.",
  );
}

function failureOf(what: string, status: number, answer: JsonObject | undefined): FetchFailure {
  const failed = (kind: FailureKind, cause: string, fix: string): FetchFailure =>
    new FetchFailure(kind, `${what}: ${cause} (HTTP ${status})`, fix);
  switch (status) {
    case 401:
      return failed("unauthenticated", "the API server does not know who asks", "Check the webhook's service account.");
    case 403:
      return failed("denied", "the API server refuses it", "Allow the webhook's service account to get Secrets there.");
    case 404:
      // Something else that answers there knows no Secrets either.
      if (answer !== undefined && textField(answer, "kind") === "Status" && textField(answer, "reason") === "NotFound")
        return failed("not-found", "there is none", "Store the secret.");
      return failed("invalid-answer", "the answer is not that of an API server", "Check what answers at its address.");
    case 429:
      return failed("throttled", "the API server asks for fewer calls", "See why it is overloaded.");
    default:
      return status >= 500
        ? failed("unavailable", "the API server fails", "See its log.")
        : failed("invalid-answer", "the answer makes no sense", "Check what answers at the API server's address.");
  }
}

/** @throws FetchFailure */
function valueOf(answer: JsonObject | undefined, dataKey: string, what: string): Uint8Array {
  const data = answer !== undefined && textField(answer, "kind") === "Secret" ? (answer["data"] ?? {}) : undefined;
  if (data === undefined || typeof data !== "object")
    throw new FetchFailure("invalid-answer", `${what}: the answer is no Secret`, "Check what answers at its address.");
  const text = textField(data as JsonObject, dataKey);
  if (text !== undefined && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return Buffer.from(text, "base64");
  throw new FetchFailure("unusable-value", `${what} has no key ${quoted(dataKey, 253)}`, "Store the secret anew.");
}
