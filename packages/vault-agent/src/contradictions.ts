/**
 * What else in the pod would keep the secret from arriving. The Vault Agent Injector runs after us, and what it then
 * finds it either obeys without a word or refuses with a message that names neither the secret nor the fix.
 * Source of each rule: vault-k8s 1.7.6, `agent-inject/handler.go` and `agent-inject/agent/agent.go`.
 */
import {
  SecretError,
  VAULT_AGENT,
  annotation,
  quoted,
  type Annotations,
  type InjectionContext,
  type Pod,
} from "@pod-secrets/core";

import { AGENT_ANNOTATIONS, isFalse, isTrue, type SecretAnnotationNames } from "./annotations.ts";
import { agentError } from "./errors.ts";

/** What has to be in the pod for one secret. */
export interface ExpectedAnnotations {
  /** What all secrets of the pod share; the user may have other values. */
  readonly shared: Annotations;
  /** Values without which the file would be another one. */
  readonly exact: Annotations;
  readonly names: SecretAnnotationNames;
}

/**
 * Checks the pod with the secret's annotations in it.
 * @param before the pod without them
 * @param injector name of the injector, for its codes
 * @throws SecretError `E_ANNOTATION_CONFLICT`, `E_VOLUME_CONFLICT` or one of `agentErrors`
 */
export function checkContradictions(
  before: Pod,
  pod: Pod,
  context: InjectionContext,
  expected: ExpectedAnnotations,
  injector: string,
): void {
  checkNamespace(context, injector);
  checkAgentRuns(before, pod, expected, injector);
  checkShared(pod, context, expected);
  checkPlace(pod, context, expected);
  checkVolume(pod);
  checkToken(pod, injector);
}

function checkNamespace({ namespace }: InjectionContext, injector: string): void {
  if (namespace !== "kube-system" && namespace !== "kube-public") return;
  const message = `the Vault Agent Injector refuses pods of namespace ${quoted(namespace)}`;
  throw agentError(injector, "system-namespace", message);
}

function checkAgentRuns(before: Pod, pod: Pod, expected: ExpectedAnnotations, injector: string): void {
  if (!isTrue(annotation(pod, VAULT_AGENT.inject) ?? ""))
    throw conflict(pod, VAULT_AGENT.inject, "so the pod would get no Vault agent");
  // With neither an init container nor a sidecar nobody would write the file.
  const prePopulates = !isFalse(annotation(pod, AGENT_ANNOTATIONS.prePopulate) ?? "true");
  if (!prePopulates && isTrue(annotation(pod, AGENT_ANNOTATIONS.prePopulateOnly) ?? ""))
    throw conflict(pod, AGENT_ANNOTATIONS.prePopulate, "so the pod would get no Vault agent");
  if (hasAgent(before) && annotation(before, expected.names.secret) === undefined) {
    const message = `annotation ${AGENT_ANNOTATIONS.status} says "injected", so the Vault Agent Injector ran before this webhook, or will not run`;
    throw agentError(injector, "agent-ran-first", message);
  }
}

/** Whether the Vault Agent Injector has changed the pod, or was told that it has. */
export function hasAgent(pod: Pod): boolean {
  return annotation(pod, AGENT_ANNOTATIONS.status) === "injected";
}

/** A pod has one agent, so what one Vault manager sets holds for the secrets of the others. */
function checkShared(pod: Pod, { userPod }: InjectionContext, { shared }: ExpectedAnnotations): void {
  for (const [name, value] of Object.entries(shared)) {
    const actual = annotation(pod, name) ?? "";
    if (actual === value || annotation(userPod, name) !== undefined) continue;
    const message = `annotation ${name} is ${quoted(actual)} for another Vault secret of this pod, and ${quoted(value)} for this one`;
    throw new SecretError("E_ANNOTATION_CONFLICT", message, FIX_SHARED);
  }
}

const FIX_SHARED =
  "Set the annotation on the pod, or configure all Vault managers with the same role and the same annotations.";

function checkPlace(pod: Pod, { naming }: InjectionContext, expected: ExpectedAnnotations): void {
  const shared = annotation(pod, VAULT_AGENT.volumePath) ?? naming.mountRoot;
  if (shared !== naming.mountRoot && shared !== `${naming.mountRoot}/`)
    throw conflict(pod, VAULT_AGENT.volumePath, `and the task looks below ${quoted(naming.mountRoot)}`);
  // Written otherwise, it would be a second volume over the first.
  const own = annotation(pod, expected.names.volumePath) ?? shared;
  if (own !== shared)
    throw conflict(pod, expected.names.volumePath, `and the files of the pod are at ${quoted(shared)}`);
  for (const [name, value] of Object.entries(expected.exact)) {
    if (annotation(pod, name) !== value) throw conflict(pod, name, "which is not this secret");
  }
}

/** The Vault Agent Injector would add a second volume of that name. */
function checkVolume(pod: Pod): void {
  if (hasAgent(pod) || pod.spec?.volumes?.some(({ name }) => name === VAULT_AGENT.volume) !== true) return;
  const message = `the pod has a volume named ${quoted(VAULT_AGENT.volume)}, and the Vault Agent Injector adds one of that name`;
  throw new SecretError("E_VOLUME_CONFLICT", message);
}

function checkToken(pod: Pod, injector: string): void {
  if (pod.spec?.automountServiceAccountToken !== false) return;
  if ((annotation(pod, AGENT_ANNOTATIONS.tokenVolume) ?? "") !== "") return;
  const hasToken = (pod.spec.containers ?? []).some((container) =>
    container.volumeMounts?.some(({ mountPath }) => mountPath.includes("serviceaccount")),
  );
  if (hasToken) return;
  const message =
    "the pod sets automountServiceAccountToken to false, and the Vault agent logs in with a service account token";
  throw agentError(injector, "no-service-account-token", message);
}

function conflict(pod: Pod, name: string, consequence: string): SecretError {
  const value = quoted(annotation(pod, name) ?? "");
  return new SecretError("E_ANNOTATION_CONFLICT", `annotation ${name} is ${value}, ${consequence}`);
}
