/**
 * What the Vault Agent Injector makes of a pod, as far as another webhook that is called again can see it: vault-k8s
 * 1.7.6, `agent-inject/agent/{agent,annotations,container_volume,container_init_sidecar,container_sidecar}.go`.
 */
import type { Annotations, Container, Pod, VolumeMount } from "@pod-secrets/core";

const PREFIX = "vault.hashicorp.com/";

/** The pod after the Vault Agent Injector, or the same pod when that passes it by. */
export function withVaultAgent(pod: Pod): Pod {
  const annotations = pod.metadata?.annotations ?? {};
  const read = (name: string): string | undefined => annotations[PREFIX + name];
  if (!isTrue(read("agent-inject")) || read("agent-inject-status") === "injected") return pod;
  const mounts = secretMounts(annotations);
  const only = isTrue(read("agent-pre-populate-only"));
  const init = agentContainer("vault-agent-init", "home-init", mounts);
  const sidecar = agentContainer("vault-agent", "home-sidecar", mounts);
  const before = (pod.spec?.initContainers ?? []).map((container) => withMounts(container, mounts));
  const containers = (pod.spec?.containers ?? []).map((container) => withMounts(container, mounts));
  const volumes = ["home-init", ...(only ? [] : ["home-sidecar"]), ...mounts.map(({ name }) => name)];
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations: { ...annotations, [`${PREFIX}agent-inject-status`]: "injected" } },
    spec: {
      ...pod.spec,
      volumes: [...(pod.spec?.volumes ?? []), ...volumes.map((name) => ({ name, emptyDir: { medium: "Memory" } }))],
      initContainers: isTrue(read("agent-init-first")) ? [init, ...before] : [...before, init],
      containers: only ? containers : [...containers, sidecar],
    },
  };
}

/** One volume for all files, and one more for each other directory that a secret names for its own file. */
function secretMounts(annotations: Annotations): readonly VolumeMount[] {
  const shared = annotations[`${PREFIX}secret-volume-path`] ?? "/vault/secrets";
  const stem = `${PREFIX}agent-inject-secret-`;
  const paths = Object.keys(annotations)
    .filter((name) => name.startsWith(stem))
    .map((name) => annotations[`${PREFIX}secret-volume-path-${name.slice(stem.length)}`] ?? shared);
  const others = [...new Set(paths)].filter((path) => path !== shared);
  return [
    { name: "vault-secrets", mountPath: shared },
    ...others.map((mountPath, index) => ({ name: `vault-secrets-custom-${index}`, mountPath })),
  ];
}

/** As Go's `strconv.ParseBool` reads it. */
function isTrue(value: string | undefined): boolean {
  return ["1", "t", "T", "true", "TRUE", "True"].includes(value ?? "");
}

function withMounts(container: Container, mounts: readonly VolumeMount[]): Container {
  return { ...container, volumeMounts: [...(container.volumeMounts ?? []), ...mounts] };
}

function agentContainer(name: string, home: string, secrets: readonly VolumeMount[]): Container {
  return {
    name,
    image: "hashicorp/vault:2.0.4",
    command: ["/bin/sh", "-ec"],
    args: [
      "echo ${VAULT_CONFIG?} | base64 -d > /home/vault/config.json && vault agent -config=/home/vault/config.json",
    ],
    env: [
      { name: "NAMESPACE", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } } },
      { name: "VAULT_LOG_LEVEL", value: "info" },
      { name: "VAULT_CONFIG", value: "e30=" },
    ],
    volumeMounts: [{ name: home, mountPath: "/home/vault" }, ...secrets],
  };
}
