/**
 * Mounts that are not in the pod yet, since another webhook adds them: a mount path has one owner all the same. The
 * Vault Agent Injector mounts its volume, writable, where annotations of the pod say (vault-k8s 1.7.6,
 * `agent-inject/agent/annotations.go`).
 */
import type { Pod, VolumeMount } from "../pod.ts";
import { annotation } from "./annotations.ts";

/** How a pod announces the mount of the Vault Agent Injector. */
export const VAULT_AGENT = {
  /** Annotation: whether the pod gets an agent at all, as {@link goParseBool} reads it. */
  inject: "vault.hashicorp.com/agent-inject",
  /** Annotation: where the agent's files are mounted. With `-` and the id of a secret, where that one's file is. */
  volumePath: "vault.hashicorp.com/secret-volume-path",
  /** Where they are mounted without it. */
  defaultVolumePath: "/vault/secrets",
  /** Start of the annotations that name a secret's file below the volume path; the id of the secret follows. */
  filePrefix: "vault.hashicorp.com/agent-inject-file-",
  /** Name of the volume with the files. */
  volume: "vault-secrets",
} as const;

/** The mounts that another webhook will add. */
export function announcedMounts(pod: Pod): readonly VolumeMount[] {
  if (goParseBool(annotation(pod, VAULT_AGENT.inject) ?? "") !== true) return NONE;
  return [{ name: VAULT_AGENT.volume, mountPath: volumePath(pod) }];
}

/** Paths of the files in the announced mounts. One with a volume path of its own is elsewhere. */
export function announcedFiles(pod: Pod): readonly string[] {
  const names = Object.keys(pod.metadata?.annotations ?? {}).filter((name) => name.startsWith(VAULT_AGENT.filePrefix));
  return names
    .filter((name) => {
      const id = name.slice(VAULT_AGENT.filePrefix.length);
      return annotation(pod, `${VAULT_AGENT.volumePath}-${id}`) === undefined;
    })
    .map((name) => `${volumePath(pod)}/${annotation(pod, name) ?? ""}`);
}

/** A truth value as Go's `strconv.ParseBool` reads it; undefined where that is an error. */
export function goParseBool(value: string): boolean | undefined {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(value)) return true;
  return ["0", "f", "F", "false", "FALSE", "False"].includes(value) ? false : undefined;
}

const NONE: readonly VolumeMount[] = [];

function volumePath(pod: Pod): string {
  return annotation(pod, VAULT_AGENT.volumePath) ?? VAULT_AGENT.defaultVolumePath;
}
