/** Flags, arguments and texts that several commands have in common. */
import { PROFILES } from "@pod-secrets/core";

import type { Flag, Positionals } from "../command.ts";

export const CONFIG: Flag = {
  name: "config",
  short: "c",
  value: "FILE",
  default: "global secrets, then Kubernetes Secrets",
  summary: "The configuration: our format, or Flyte's YAML as it is. A directory or a pattern joins several files.",
};

export const PROFILE: Flag = {
  name: "profile",
  value: "PROFILE",
  choices: Object.keys(PROFILES),
  default: "that of the configuration, else flyte-v1",
  summary: "The Flyte generation whose names and order hold.",
};

export const NAMESPACE: Flag = {
  name: "namespace",
  short: "n",
  value: "NS",
  default: "default",
  summary: "Namespace of the pods that name none.",
};

export const OWN_NAMESPACE = {
  name: "namespace",
  short: "n",
  value: "NS",
  summary: "Namespace of the webhook: of its Service, and of its Secret.",
} as const;

export const KUBECONFIG: Flag = {
  name: "kubeconfig",
  value: "FILE",
  default:
    "`kubernetes.kubeconfig` of the configuration, else the env var KUBECONFIG, else in a pod its service account, else ~/.kube/config",
  summary: "The way to the API server.",
};

/** What counts where the API server is asked, in this order (`openKubernetes`). */
export const NAMESPACE_OF_CLUSTER =
  "`kubernetes.namespace` of the configuration, else the env var POD_NAMESPACE, else that of the service account or of the kubeconfig's context, else default";

export const PODS: Positionals = {
  value: "FILE",
  min: 1,
  summary: "YAML with one or several documents, JSON, JSON lines or a List. `-` is standard input.",
};

/** Of the commands that answer without a server. */
export const OFFLINE =
  "Global secrets are those of this shell's env vars and this machine's files, not those of the cluster.";

/**
 * In which form a command writes.
 * @param choices the first one holds without the flag
 */
export function outputFlag(choices: readonly [string, ...string[]], summary: string): Flag {
  return { name: "output", short: "o", value: "FORMAT", choices, default: choices[0], summary };
}
