/** What `telemetry:` of the config asks for: traces and Events. Neither loads anything before it has something to tell. */
import type { TelemetryConfig } from "../config/schema/telemetry.ts";
import type { KubernetesClient } from "../kubernetes/kubernetes-client.ts";
import type { AdmissionRecord } from "../telemetry/admission-record.ts";
import { createEventWriter, type EventCounts } from "../telemetry/events/event-writer.ts";
import type { Log } from "../telemetry/log.ts";
import { joinWithoutSpans, type JoinTrace } from "../telemetry/traces/admission-trace.ts";
import { createTracing, type SpanCounts } from "../telemetry/traces/tracing.ts";

export interface Telemetry {
  readonly joinTrace: JoinTrace;
  /** Tells of an answered admission. Never throws. */
  readonly record: (record: AdmissionRecord) => void;
  readonly spans: () => SpanCounts;
  readonly events: () => EventCounts;
  /** Sends the last spans, within 2 s. */
  readonly close: () => Promise<void>;
}

export interface TelemetryParts {
  readonly version: string;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Called when there is an Event to write. */
  readonly connect: () => Promise<KubernetesClient>;
  /** Ends the writing of Events. */
  readonly signal: AbortSignal;
}

/** The telemetry of a process that neither traces nor writes Events. */
export const NO_TELEMETRY: Telemetry = {
  joinTrace: joinWithoutSpans,
  record: () => {},
  spans: () => ({ exported: 0, dropped: 0, failed: 0 }),
  events: () => ({ written: 0, dropped: 0, failed: 0 }),
  close: async () => {},
};

export function openTelemetry({ traces, events }: TelemetryConfig, parts: TelemetryParts): Telemetry {
  const tracing = traces === undefined ? undefined : createTracing(traces, parts.version, parts.log);
  const writer = events ? createEventWriter(parts) : undefined;
  return {
    joinTrace: tracing?.join ?? NO_TELEMETRY.joinTrace,
    record: (record) => {
      tracing?.record(record);
      writer?.record(record);
    },
    spans: tracing?.counts ?? NO_TELEMETRY.spans,
    events: writer?.counts ?? NO_TELEMETRY.events,
    close: tracing?.close ?? NO_TELEMETRY.close,
  };
}
