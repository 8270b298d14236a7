/**
 * What the Vault Agent Injector makes of a pod with our annotations, as far as a second call of our webhook can see
 * it: vault-k8s 1.7.6, `agent-inject/agent/{agent,container_volume,container_init_sidecar,container_sidecar}.go`.
 */
import type { Container, Pod, VolumeMount } from "@pod-secrets/core";

const PREFIX = "vault.hashicorp.com/";

/** The pod after the Vault Agent Injector, or the same pod when that passes it by. */
export function withVaultAgent(pod: Pod): Pod {
  const annotations = pod.metadata?.annotations ?? {};
  if (annotations[`${PREFIX}agent-inject`] !== "true") return pod;
  if (annotations[`${PREFIX}agent-inject-status`] === "injected") return pod;
  const mount = { name: "vault-secrets", mountPath: annotations[`${PREFIX}secret-volume-path`] ?? "/vault/secrets" };
  const only = annotations[`${PREFIX}agent-pre-populate-only`] === "true";
  const init = agentContainer("vault-agent-init", "home-init", mount);
  const sidecar = agentContainer("vault-agent", "home-sidecar", mount);
  const before = (pod.spec?.initContainers ?? []).map((container) => withMount(container, mount));
  const containers = (pod.spec?.containers ?? []).map((container) => withMount(container, mount));
  const names = ["home-init", ...(only ? [] : ["home-sidecar"]), "vault-secrets"];
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations: { ...annotations, [`${PREFIX}agent-inject-status`]: "injected" } },
    spec: {
      ...pod.spec,
      volumes: [...(pod.spec?.volumes ?? []), ...names.map((name) => ({ name, emptyDir: { medium: "Memory" } }))],
      initContainers: annotations[`${PREFIX}agent-init-first`] === "true" ? [init, ...before] : [...before, init],
      containers: only ? containers : [...containers, sidecar],
    },
  };
}

function withMount(container: Container, mount: VolumeMount): Container {
  return { ...container, volumeMounts: [...(container.volumeMounts ?? []), mount] };
}

function agentContainer(name: string, home: string, secrets: VolumeMount): Container {
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
    volumeMounts: [
      { name: home, mountPath: "/home/vault" },
      { name: "kube-api-access", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true },
      secrets,
    ],
  };
}
