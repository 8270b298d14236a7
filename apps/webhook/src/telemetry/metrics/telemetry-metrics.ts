/** What telemetry itself lost on its way: it never holds up an admission. */
import type { EventCounts } from "../events/event-writer.ts";
import type { SpanCounts } from "../traces/tracing.ts";
import { counter, outcomeCounter, type Registers } from "./metric-kinds.ts";

export interface TelemetrySources {
  readonly droppedLogLines: () => number;
  readonly spans: () => SpanCounts;
  readonly events: () => EventCounts;
}

export function registerTelemetry({ droppedLogLines, spans, events }: TelemetrySources, registers: Registers): void {
  counter("pod_secrets_log_lines_dropped_total", "Log lines that nobody took.", droppedLogLines, registers);
  outcomeCounter(
    "pod_secrets_spans_total",
    "Spans of traces, by outcome: exported, dropped (there was no room for them), failed (the collector did not take them).",
    () => ({ ...spans() }),
    registers,
  );
  outcomeCounter(
    "pod_secrets_events_total",
    "Refusals told of by Kubernetes Events, by outcome: written, dropped (there was no room for them), failed (the API server did not take them).",
    () => ({ ...events() }),
    registers,
  );
}
