/** What logs and metrics say about an admission, drawn from its decisions. Names only, never a value. */
import {
  quoted,
  type AdmissionAnswer,
  type AdmissionReview,
  type Decision,
  type MutationFailure,
  type SecretRequest,
} from "@pod-secrets/core";

import { describeFault } from "../faults.ts";
import type { Log, LogLineFields } from "./log.ts";
import type { AdmissionOutcome } from "./metrics/admission-metrics.ts";
import type { Metrics } from "./metrics.ts";

/** One answered review, for logs and metrics. */
export interface AdmissionRecord {
  readonly review: AdmissionReview;
  readonly answer: AdmissionAnswer;
  /** From the first byte of the request to its answer, in milliseconds. */
  readonly duration: number;
  /** The fault that made the answer a denial; its text may hold a value. */
  readonly fault?: unknown;
}

/** Logs one line per admission, and counts it. */
export function recordAdmission(record: AdmissionRecord, log: Log, metrics: Metrics): void {
  const outcome = outcomeOf(record);
  const decisions = record.answer.mutation?.decisions ?? [];
  const failure = failureOf(record.answer);
  metrics.admission(outcome, record.duration / 1000);
  countDecisions(decisions, metrics);
  const isOfASecret = decisions.some((decision) => decision.outcome === "refused" && decision.code === failure?.code);
  // Of the pod as a whole: an annotation that cannot be read, a pod that would not be valid.
  if (failure !== undefined && !isOfASecret) metrics.refusal(failure.code);
  const fields = describe(record, outcome, decisions, failure);
  if (record.fault !== undefined) log.error("admission failed", { ...fields, ...describeFault(record.fault) });
  else if (outcome === "refused") log.warn("admission refused", fields);
  else if (failure !== undefined) log.warn("pod admitted without its secrets", fields);
  else log.info("admission", fields);
}

/** Why the pod was refused, or starts without its secrets. */
function failureOf({ mutation, response }: AdmissionAnswer): MutationFailure | undefined {
  if (mutation?.outcome === "refused") return mutation;
  if (mutation?.outcome === "unchanged") return mutation.failure;
  // A review that lacks its pod is refused before there is a mutation; one that a fault ended is told as a fault.
  const { code, message = "" } = response.status;
  return !response.allowed && code === 400 ? { code: "E_REVIEW", message } : undefined;
}

function outcomeOf({ answer, fault }: AdmissionRecord): AdmissionOutcome {
  if (fault !== undefined) return "failed";
  if (answer.mutation !== undefined) return answer.mutation.outcome;
  return answer.response.allowed ? "ignored" : "refused";
}

/** All of one injector at once: a pod may ask for hundreds, and each count costs a look-up of its labels. */
function countDecisions(decisions: readonly Decision[], metrics: Metrics): void {
  const given = new Map<string, number>();
  const refused = new Map<string, number>();
  for (const decision of decisions) {
    const counts = decision.outcome === "injected" ? given : refused;
    const injector = decidedBy(decision);
    counts.set(injector, (counts.get(injector) ?? 0) + 1);
    if (decision.outcome === "refused") metrics.refusal(decision.code);
  }
  for (const [injector, count] of given) metrics.secrets(injector, "injected", count);
  for (const [injector, count] of refused) metrics.secrets(injector, "refused", count);
}

/** The injector that gave or refused the secret, or had it for a pod that gets none. */
function decidedBy(decision: Decision): string {
  if (decision.outcome === "injected") return decision.injector;
  const last = decision.answers.at(-1);
  return last === undefined || last.outcome === "skipped" ? "none" : last.injector;
}

function describe(
  { review: { request }, duration }: AdmissionRecord,
  outcome: AdmissionOutcome,
  decisions: readonly Decision[],
  failure: MutationFailure | undefined,
): LogLineFields {
  return {
    uid: name(request.uid),
    namespace: name(request.namespace),
    pod: name(request.name === "" ? podName(request.object) : request.name),
    operation: name(request.operation),
    dryRun: request.dryRun,
    outcome,
    milliseconds: Math.round(duration * 1000) / 1000,
    ...(decisions.length === 0 ? {} : { secrets: decisions.map(describeBriefly) }),
    ...(failure === undefined ? {} : { refusal: failure.message }),
  };
}

/** `user-info/password: k8s`, `user-info/password: refused E_NOT_INJECTED`. */
function describeBriefly(decision: Decision): string {
  const result = decision.outcome === "injected" ? decision.injector : `refused ${decision.code}`;
  return `${secretName(decision.request)}: ${result}`;
}

function secretName({ group, groupVersion, key }: SecretRequest): string {
  const version = groupVersion === "" ? "" : `@${name(groupVersion)}`;
  return `${name(group)}${version}/${name(key)}`;
}

/** The object's own name, or what the API server will make one from. */
function podName(object: unknown): string {
  const metadata = field(object, "metadata");
  const own = field(metadata, "name");
  if (typeof own === "string" && own !== "") return own;
  const start = field(metadata, "generateName");
  return typeof start === "string" ? start : "";
}

function field(object: unknown, key: string): unknown {
  return typeof object === "object" && object !== null && Object.hasOwn(object, key)
    ? (object as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

/** Names as Kubernetes has them stand as they are; whatever else arrives is quoted, cut, and unprintable characters are escaped. */
function name(text: string): string {
  return text.length <= 253 && /^[\w.-]*$/.test(text) ? text : quoted(text);
}
