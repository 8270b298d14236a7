/**
 * The annotations by which a pod talks to the Vault Agent Injector, the webhook of vault-k8s.
 * Names and meaning: vault-k8s 1.7.6, `agent-inject/agent/annotations.go`.
 */

import { VAULT_AGENT, goParseBool } from "@pod-secrets/core";

/** Annotations that concern the whole pod. Those of the agent's mount are core's `VAULT_AGENT`. */
export const AGENT_ANNOTATIONS = {
  /** `injected` once the Vault Agent Injector has been there. */
  status: "vault.hashicorp.com/agent-inject-status",
  /** The Vault role that the pod logs in with. */
  role: "vault.hashicorp.com/role",
  /** Whether an init container writes the files before the task starts. */
  prePopulate: "vault.hashicorp.com/agent-pre-populate",
  /** Whether there is no agent beside that init container. */
  prePopulateOnly: "vault.hashicorp.com/agent-pre-populate-only",
  /** A volume with a service account token, for pods without the usual one. */
  tokenVolume: "vault.hashicorp.com/agent-service-account-token-volume-name",
} as const;

/** Names of the annotations of one secret. */
export interface SecretAnnotationNames {
  /** Path in Vault. */
  readonly secret: string;
  /** File below the volume path. */
  readonly file: string;
  /** Text of the file, as a Go template. */
  readonly template: string;
  /** Whether a missing key stops the agent; understood since vault-k8s 1.4.0. */
  readonly errorOnMissingKey: string;
  /** Another place for this file alone. */
  readonly volumePath: string;
}

/**
 * Names for one secret. The longest stem leaves 41 of the 63 characters of an annotation's name to the id, and no id
 * may start with `file-`, which would make another annotation's name.
 */
export function secretAnnotationNames(id: string): SecretAnnotationNames {
  return {
    secret: `vault.hashicorp.com/agent-inject-secret-${id}`,
    file: VAULT_AGENT.filePrefix + id,
    template: `vault.hashicorp.com/agent-inject-template-${id}`,
    errorOnMissingKey: `vault.hashicorp.com/error-on-missing-key-${id}`,
    volumePath: `${VAULT_AGENT.volumePath}-${id}`,
  };
}

/** Whether vault-k8s reads the value as true. */
export function isTrue(value: string): boolean {
  return goParseBool(value) === true;
}

/** Whether vault-k8s reads the value as false, or as left out. */
export function isFalse(value: string): boolean {
  return value === "" || goParseBool(value) === false;
}
