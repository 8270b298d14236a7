/** The spans of one admission: what a trace says of it. Names and numbers, never a value. */
import { podIdentity, type Decision } from "@pod-secrets/core";

import { failureOf, outcomeOf, type AdmissionRecord } from "../admission-record.ts";
import { name } from "../names.ts";
import type { AdmissionTimes } from "./admission-timer.ts";
import type { InjectorTimes } from "./timed-injectors.ts";

export interface SpanContent {
  readonly name: string;
  /** Milliseconds of `performance`. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
  /** Code of what it ended with, where that is a failure. */
  readonly error?: string;
}

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** The whole admission, and its steps. */
export interface AdmissionSpans {
  readonly root: SpanContent;
  readonly steps: readonly SpanContent[];
}

export function spansOf(record: AdmissionRecord, times: AdmissionTimes): AdmissionSpans {
  const { began, read, decoded, answered, ended, injectors } = times;
  const step = (title: string, start: number, end: number): SpanContent => ({
    name: title,
    start,
    end,
    attributes: {},
  });
  const steps = [step("receive", began, read)];
  if (decoded !== undefined) steps.push(step("decode", read, decoded));
  if (decoded !== undefined && answered !== undefined) {
    const firstAsked = injectors[0]?.start ?? answered;
    steps.push(step("requests", decoded, firstAsked));
    for (const asked of injectors) steps.push(injectorSpan(asked, record.answer.mutation?.decisions ?? []));
    const lastAnswer = Math.max(...injectors.map(({ end }) => end));
    if (injectors.length > 0) steps.push(step("patch", lastAnswer, answered));
  }
  return { root: rootSpan(record, began, ended), steps };
}

function rootSpan(record: AdmissionRecord, start: number, end: number): SpanContent {
  const { review, answer, fault } = record;
  const { uid, namespace, name: podName, object, operation, dryRun } = review.request;
  const failure = failureOf(answer);
  const error = fault === undefined ? failure?.code : "E_INTERNAL";
  const attributes = {
    "pod_secrets.uid": name(uid),
    "pod_secrets.outcome": outcomeOf(record),
    "pod_secrets.operation": name(operation),
    "pod_secrets.dry_run": dryRun,
    "pod_secrets.secrets": answer.mutation?.decisions.length ?? 0,
    "k8s.namespace.name": name(namespace),
    "k8s.pod.name": name(podName || podIdentity(object).name),
    "http.request.method": "POST",
    "http.response.status_code": 200,
  };
  return { name: "admission", start, end, ...withError(attributes, error) };
}

function injectorSpan(
  { injector, start, end, asked, busy }: InjectorTimes,
  decisions: readonly Decision[],
): SpanContent {
  const answers = decisions.flatMap((decision) => decision.answers.filter((answer) => answer.injector === injector));
  const count = (outcome: string): number => answers.filter((answer) => answer.outcome === outcome).length;
  const refused = answers.find((answer) => answer.outcome === "refused");
  const attributes = {
    "pod_secrets.injector": injector,
    "pod_secrets.asked": asked,
    "pod_secrets.injected": count("injected"),
    "pod_secrets.skipped": count("skipped"),
    "pod_secrets.refused": count("refused"),
    "pod_secrets.busy_ms": Math.round(busy * 1000) / 1000,
  };
  return { name: `inject ${injector}`, start, end, ...withError(attributes, refused?.code) };
}

function withError(attributes: Attributes, error: string | undefined): Pick<SpanContent, "attributes" | "error"> {
  return error === undefined ? { attributes } : { attributes: { ...attributes, "error.type": error }, error };
}
