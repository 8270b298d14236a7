/** Errors that the Vault injectors have in common. Each lists them in its plugin under its own name. */
import { SecretError, type ErrorEntry, type InjectorErrorCode } from "@pod-secrets/core";

const AGENT_ERRORS = {
  "agent-ran-first": {
    summary: "The Vault Agent Injector ran before this webhook",
    why: "It changes a pod once. It has seen this one without the secret's annotations, so no agent would write the file.",
    fix: "Give the webhook's MutatingWebhookConfiguration a name that sorts before the one of the Vault Agent Injector, such as flyte-pod-webhook before vault-agent-injector-cfg; or remove the agent-inject-status annotation from the pod.",
  },
  "no-service-account-token": {
    summary: "The pod has no service account token",
    why: "The agent logs in to Vault with it, and the Vault Agent Injector refuses a pod without one.",
    fix: "Remove automountServiceAccountToken: false, or name a projected volume in the annotation vault.hashicorp.com/agent-service-account-token-volume-name.",
  },
  "system-namespace": {
    summary: "The namespace gets no Vault secrets",
    why: "The Vault Agent Injector refuses pods of kube-system and kube-public.",
    fix: "Run the pod in another namespace.",
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** What went wrong, as the second part of a code. */
type AgentError = keyof typeof AGENT_ERRORS;

/** The errors of one Vault injector, for its plugin. */
export function agentErrors(injector: string): Readonly<Record<InjectorErrorCode, ErrorEntry>> {
  return Object.fromEntries(Object.entries(AGENT_ERRORS).map(([error, entry]) => [`${injector}/${error}`, entry]));
}

/** The error to throw, with the fix of the catalogue. */
export function agentError(injector: string, error: AgentError, message: string): SecretError {
  return new SecretError(`${injector}/${error}`, message, AGENT_ERRORS[error].fix);
}
