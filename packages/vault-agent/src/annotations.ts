/**
 * The annotations by which a pod talks to the Vault Agent Injector, the webhook of vault-k8s.
 * Names and meaning: vault-k8s 1.7.6, `agent-inject/agent/annotations.go`.
 */

/** Annotations that concern the whole pod. */
export const AGENT_ANNOTATIONS = {
  /** Whether the pod gets an agent at all. */
  inject: "vault.hashicorp.com/agent-inject",
  /** `injected` once the Vault Agent Injector has been there. */
  status: "vault.hashicorp.com/agent-inject-status",
  /** Where the agent's files are mounted. */
  volumePath: "vault.hashicorp.com/secret-volume-path",
  /** The Vault role that the pod logs in with. */
  role: "vault.hashicorp.com/role",
  /** Whether an init container writes the files before the task starts. */
  prePopulate: "vault.hashicorp.com/agent-pre-populate",
  /** Whether there is no agent beside that init container. */
  prePopulateOnly: "vault.hashicorp.com/agent-pre-populate-only",
  /** A volume with a service account token, for pods without the usual one. */
  tokenVolume: "vault.hashicorp.com/agent-service-account-token-volume-name",
} as const;

/** Start of the annotations that name a secret's file; the id of the secret follows. */
export const FILE_ANNOTATION_PREFIX = "vault.hashicorp.com/agent-inject-file-";

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
    file: FILE_ANNOTATION_PREFIX + id,
    template: `vault.hashicorp.com/agent-inject-template-${id}`,
    errorOnMissingKey: `vault.hashicorp.com/error-on-missing-key-${id}`,
    volumePath: `${AGENT_ANNOTATIONS.volumePath}-${id}`,
  };
}

/** Whether vault-k8s reads the value as true: Go's `strconv.ParseBool`. */
export function isTrue(value: string): boolean {
  return ["1", "t", "T", "true", "TRUE", "True"].includes(value);
}

/** Whether vault-k8s reads the value as false: Go's `strconv.ParseBool`, or nothing. */
export function isFalse(value: string): boolean {
  return ["", "0", "f", "F", "false", "FALSE", "False"].includes(value);
}
