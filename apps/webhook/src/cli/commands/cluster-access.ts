/** The way to the API server for a command that a person runs from a terminal, or a Job in a pod. */
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { quoted } from "@pod-secrets/core";

import type { Config } from "../../config/schema.ts";
import { AppError } from "../../errors.ts";
import type { KubernetesError } from "../../kubernetes/kubernetes-client.ts";
import type { KubernetesConnection } from "../../kubernetes/open-client.ts";
import type { Invocation } from "../command.ts";
import { say, type Streams } from "../streams.ts";
import { namespaceFlag } from "./namespace-flag.ts";

/** Whence kubeconfigs are taken; without any, it is the service account of the pod. */
interface Way {
  readonly by: "configuration" | "flag" | "environment" | "home";
  readonly files: readonly string[];
}

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
  const { openKubernetes } = await import("../../kubernetes/open-client.ts");
  const connection = await openKubernetes({ kubeconfig: way.files, namespace, signal }).catch((error: unknown) => {
    throw way.by === "configuration" ? error : withFixFor(way.by, error);
  });
  if (way.by === "environment" || way.by === "home")
    say(streams, `using ${way.files.map((file) => quoted(file, 200)).join(" and ")}: API server ${connection.server}`);
  return { ...connection, tellOfWaiting: waitingTeller(streams, connection.server, patience) };
}

async function wayOf(
  { kubernetes, baseDirectory }: Parameters<typeof openCluster>[0],
  invocation: Invocation,
): Promise<Way> {
  const flag = invocation.value("kubeconfig");
  if (flag !== undefined) return { by: "flag", files: [resolve(flag)] };
  if (kubernetes.kubeconfig !== undefined)
    return { by: "configuration", files: [resolve(baseDirectory, kubernetes.kubeconfig)] };
  const listed = (process.env["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
  if (listed.length > 0) return { by: "environment", files: (await thoseThere(listed)).map((file) => resolve(file)) };
  if (process.env["KUBERNETES_SERVICE_HOST"] !== undefined) return { by: "configuration", files: [] };
  const file = join(homedir(), ".kube", "config");
  if (await exists(file)) return { by: "home", files: [file] };
  throw new AppError(
    "E_KUBECONFIG",
    `there is no way to the API server: KUBECONFIG is not set, ${quoted(file, 200)} is not there, and this is no pod`,
    "Give --kubeconfig FILE.",
  );
}

/** One of several that is not there counts for nothing, as for kubectl. Where none is, the first is told of. */
async function thoseThere(files: readonly string[]): Promise<readonly string[]> {
  const there = await Promise.all(files.map(async (file) => ((await exists(file)) ? [file] : [])));
  return there.some((found) => found.length > 0) ? there.flat() : files.slice(0, 1);
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
