/** What a Kubernetes Event says of a pod that does not get its secrets, and at which object it is seen. */
import { isDnsLabel, isDnsSubdomain, podIdentity, type PodIdentity } from "@pod-secrets/core";

import { failureOf, outcomeOf, type AdmissionRecord } from "../admission-record.ts";

/** As `involvedObject` of an Event (core/v1 ObjectReference). */
export interface EventTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** `kubectl describe` finds Events by it; a pod that was refused has none. */
  readonly uid?: string;
}

export interface RefusalEvent {
  readonly target: EventTarget;
  readonly reason: EventReason;
  /** One line of at most 1,000 bytes: the refusal, as whoever created the pod got it. */
  readonly message: string;
}

/** `SecretsRefused`: the pod was not created. `SecretsLeftOut`: it starts without (`onFailure: admit`). */
export type EventReason = "SecretsRefused" | "SecretsLeftOut";

/** The Event of an admission; undefined when there is nothing to tell, or nothing came of it anyway (a dry run). */
export function refusalEvent(record: AdmissionRecord): RefusalEvent | undefined {
  const { request } = record.review;
  const failure = failureOf(record.answer);
  if (failure === undefined || request.dryRun || !isDnsLabel(request.namespace)) return undefined;
  const pod = podIdentity(request.object);
  return {
    target: targetOf(request.namespace, { ...pod, name: request.name || pod.name }),
    reason: outcomeOf(record) === "refused" ? "SecretsRefused" : "SecretsLeftOut",
    message: failure.message,
  };
}

/**
 * The controller, since somebody looks there when pods are missing. What the pod says of it is as its creator wrote it;
 * the Event is in the pod's own namespace whatever that is.
 */
function targetOf(namespace: string, { controller, name }: PodIdentity): EventTarget {
  if (controller !== undefined) return { ...controller, namespace };
  const whole = name.replace(/-+$/, "");
  return { apiVersion: "v1", kind: "Pod", name: isDnsSubdomain(whole) ? whole : "unnamed", namespace };
}
