/** What logs and metrics say about an admission, drawn from its decisions. Names only, never a value. */
import { podIdentity, type Decision, type MutationFailure, type SecretRequest } from "@pod-secrets/core";

import { describeFault } from "../faults.ts";
import { decidedBy, failureOf, outcomeOf, type AdmissionRecord } from "./admission-record.ts";
import type { Log, LogLineFields } from "./log.ts";
import type { AdmissionOutcome } from "./admission-outcome.ts";
import type { Metrics } from "./metrics.ts";
import { name } from "./names.ts";

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

function describe(
  { review: { request }, duration, trace }: AdmissionRecord,
  outcome: AdmissionOutcome,
  decisions: readonly Decision[],
  failure: MutationFailure | undefined,
): LogLineFields {
  return {
    uid: name(request.uid),
    ...(trace === undefined ? {} : { trace: trace.traceId }),
    namespace: name(request.namespace),
    pod: name(request.name || podIdentity(request.object).name),
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
  const result = decision.outcome === "injected" ? decision.injector : `refused ${decision.code}${placeOf(decision)}`;
  return `${secretName(decision.request)}: ${result}`;
}

/** Where an injector failed, for its author. */
function placeOf({ answers }: Decision): string {
  const last = answers.at(-1);
  return last?.outcome === "refused" && last.place !== undefined ? ` at ${last.place}` : "";
}

function secretName({ group, groupVersion, key }: SecretRequest): string {
  const version = groupVersion === "" ? "" : `@${name(groupVersion)}`;
  return `${name(group)}${version}/${name(key)}`;
}
