/** The trace that an admission belongs to: the API server's, or one that begins here. */
import { randomBytes } from "node:crypto";
import type { AdmissionAnswer } from "@pod-secrets/core";

import { startTimer, type AdmissionTimer } from "./admission-timer.ts";
import { readTraceParent, type TraceParent } from "./trace-parent.ts";

export interface AdmissionTrace {
  /** 32 hex digits. In the log and, where it is the API server's, in its audit log, also when no span is recorded. */
  readonly traceId: string;
  /** The caller's span. */
  readonly parent?: TraceParent;
  /** Only where its spans are recorded. */
  readonly timer?: AdmissionTimer;
}

/**
 * The trace of one admission; undefined when there is none.
 * @param header `traceparent` of the request
 * @param began when the request came, in milliseconds of `performance`
 */
export type JoinTrace = (header: string | readonly string[] | undefined, began: number) => AdmissionTrace | undefined;

/** Where no span is recorded: the trace of the caller gives its name, and that is all. */
export function joinWithoutSpans(header: string | readonly string[] | undefined): AdmissionTrace | undefined {
  const parent = header === undefined ? undefined : readTraceParent(header);
  return parent === undefined ? undefined : { traceId: parent.traceId, parent };
}

/**
 * Where spans are recorded: as the caller does, and of admissions of which it says nothing, a share.
 * @param sampleRatio from 0 to 1
 */
export function joinWithSpans(sampleRatio: number): JoinTrace {
  return (header, began) => {
    const joined = joinWithoutSpans(header);
    if (joined !== undefined)
      return joined.parent?.isSampled === true ? { ...joined, timer: startTimer(began) } : joined;
    if (Math.random() >= sampleRatio) return undefined;
    return { traceId: randomBytes(16).toString("hex"), timer: startTimer(began) };
  };
}

type Response = AdmissionAnswer["response"];

/** Key of the audit annotation that names the trace. */
export const TRACE_AUDIT_KEY = "trace";

/**
 * Names the trace in the audit log, beside the other annotations. Only the caller's: it is the same when the API server
 * calls again for the pod, and an annotation that differs is dropped.
 */
export function withTraceId(response: Response, trace: AdmissionTrace | undefined): Response {
  const { auditAnnotations } = response;
  if (trace?.parent === undefined || auditAnnotations === undefined) return response;
  return { ...response, auditAnnotations: { ...auditAnnotations, [TRACE_AUDIT_KEY]: trace.traceId } };
}
