/** One answered review, for whatever tells of it: logs, metrics, spans, Events. */
import type { AdmissionAnswer, AdmissionReview, Decision, MutationFailure } from "@pod-secrets/core";

import type { AdmissionOutcome } from "./admission-outcome.ts";
import type { AdmissionTrace } from "./traces/admission-trace.ts";

export interface AdmissionRecord {
  readonly review: AdmissionReview;
  readonly answer: AdmissionAnswer;
  /** From the first byte of the request to its answer, in milliseconds. */
  readonly duration: number;
  /** The fault that made the answer a denial; its text may hold a value. */
  readonly fault?: unknown;
  readonly trace?: AdmissionTrace;
}

/** Why the pod was refused, or starts without its secrets. */
export function failureOf({ mutation, response }: AdmissionAnswer): MutationFailure | undefined {
  if (mutation?.outcome === "refused") return mutation;
  if (mutation?.outcome === "unchanged") return mutation.failure;
  // A review that lacks its pod is refused before there is a mutation; one that a fault ended is told as a fault.
  const { code, message = "" } = response.status;
  return !response.allowed && code === 400 ? { code: "E_REVIEW", message } : undefined;
}

export function outcomeOf({ answer, fault }: AdmissionRecord): AdmissionOutcome {
  if (fault !== undefined) return "failed";
  if (answer.mutation !== undefined) return answer.mutation.outcome;
  return answer.response.allowed ? "ignored" : "refused";
}

/** The injector that gave or refused the secret, or had it for a pod that gets none; `none` where nobody had it. */
export function decidedBy(decision: Decision): string {
  if (decision.outcome === "injected") return decision.injector;
  const last = decision.answers.at(-1);
  return last === undefined || last.outcome === "skipped" ? "none" : last.injector;
}
