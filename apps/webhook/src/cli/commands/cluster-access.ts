/** The way to the API server for a command that a person runs from a terminal, or a Job in a pod. */
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { quoted } from "@pod-secrets/core";

import type { Config } from "../../config/schema.ts";
import { AppError } from "../../errors.ts";
import type { KubernetesError } from "../../kubernetes/kubernetes-client.ts";
import type { KubernetesConnection } from "../../kubernetes/open-client.ts";
import { sharedConnection } from "../../kubernetes/shared-connection.ts";
import type { Invocation } from "../command.ts";
import { say, type Streams } from "../streams.ts";
import { namespaceFlag } from "./namespace-flag.ts";

/** Whence a kubeconfig is taken; none is the service account of the pod. */
type Way =
  | { readonly by: "configuration"; readonly file: string | undefined }
  | { readonly by: "flag" | "environment" | "home"; readonly file: string };

export interface ClusterAccess extends KubernetesConnection {
  /** Tells once that the API server does not answer, and for how long it is waited for. */
  readonly tellOfWaiting: (error: KubernetesError) => void;
}

/**
 * Takes the first that there is: `--kubeconfig`, `kubernetes.kubeconfig` of the configuration, `KUBECONFIG`, the service
 * account of the pod, `~/.kube/config`; as kubectl does, with the configuration between. Says which, where nobody named it
 * for this program.
 * @param patience milliseconds for which an API server that does not answer will be waited for
 * @param signal ends calls that are under way
 * @throws AppError `E_KUBECONFIG`; `E_USAGE` for a namespace that cannot be one
 */
export async function openCluster(
  config: Pick<Config, "kubernetes" | "baseDirectory">,
  invocation: Invocation,
  { streams, patience, signal }: { readonly streams: Streams; readonly patience: number; readonly signal: AbortSignal },
): Promise<ClusterAccess> {
  const namespace = namespaceFlag(invocation) ?? config.kubernetes.namespace;
  const way = await wayOf(config, invocation);
  const kubernetes = { ...config.kubernetes, kubeconfig: way.file, namespace };
  const connection = await sharedConnection({ ...config, kubernetes }, signal)().catch((error: unknown) => {
    throw way.by === "configuration" ? error : withFixFor(way.by, error);
  });
  if (way.by === "environment" || way.by === "home")
    say(streams, `using ${quoted(way.file, 200)}: API server ${connection.server}`);
  return { ...connection, tellOfWaiting: waitingTeller(streams, connection.server, patience) };
}

async function wayOf(
  { kubernetes, baseDirectory }: Parameters<typeof openCluster>[0],
  invocation: Invocation,
): Promise<Way> {
  const flag = invocation.value("kubeconfig");
  if (flag !== undefined) return { by: "flag", file: resolve(flag) };
  if (kubernetes.kubeconfig !== undefined)
    return { by: "configuration", file: resolve(baseDirectory, kubernetes.kubeconfig) };
  const listed = (process.env["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
  if (listed.length > 0) return { by: "environment", file: resolve(await oneOf(listed)) };
  if (process.env["KUBERNETES_SERVICE_HOST"] !== undefined) return { by: "configuration", file: undefined };
  const file = join(homedir(), ".kube", "config");
  if (await exists(file)) return { by: "home", file };
  throw new AppError(
    "E_KUBECONFIG",
    `there is no way to the API server: KUBECONFIG is not set, ${quoted(file, 200)} is not there, and this is no pod`,
    "Give --kubeconfig FILE.",
  );
}

/** kubectl would join several; here one is needed. One that is not there counts for nothing, as there. */
async function oneOf(files: readonly string[]): Promise<string> {
  const [first = ""] = files;
  if (files.length === 1) return first;
  const there = await Promise.all(files.map(async (file) => ((await exists(file)) ? [file] : [])));
  const [one = first, ...others] = there.flat();
  if (others.length === 0) return one;
  throw new AppError(
    "E_KUBECONFIG",
    "KUBECONFIG names several files",
    "Join them by `kubectl config view --flatten --raw`, and give the result as --kubeconfig FILE.",
  );
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

const NAMED_BY = { flag: "--kubeconfig", environment: "KUBECONFIG", home: "the default of kubectl" } as const;

/** What is told of a kubeconfig is about the configuration's otherwise. */
function withFixFor(by: keyof typeof NAMED_BY, error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== "E_KUBECONFIG") return error;
  const fix = `Correct that file (${NAMED_BY[by]}), or name another one as --kubeconfig.`;
  return new AppError("E_KUBECONFIG", error.message, fix);
}

function waitingTeller(streams: Streams, server: string, patience: number): (error: KubernetesError) => void {
  let isTold = false;
  return ({ failure, status, code }) => {
    if (isTold || (failure !== "unreachable" && failure !== "unavailable")) return;
    isTold = true;
    const what = status === undefined ? `does not answer (${code ?? "in time"})` : `cannot serve now (HTTP ${status})`;
    say(streams, `API server ${server} ${what}; waiting for it, ${patience / 1000} s at most`);
  };
}
