/**
 * Traces of admissions. Spans are made when the answer is sent, wait in a queue that is bounded, and are thrown away and
 * counted when there is no room: neither a slow collector nor a fault here reaches an admission.
 */
import { TELEMETRY_ERRORS } from "../../errors.ts";
import { faultName } from "../../faults.ts";
import type { TracesConfig } from "../../config/schema/telemetry.ts";
import type { AdmissionRecord } from "../admission-record.ts";
import type { Log } from "../log.ts";
import { joinWithSpans, type AdmissionTrace, type JoinTrace } from "./admission-trace.ts";
import type { Exporter, ExporterOptions } from "./otlp-exporter.ts";
import { spansOf, type AdmissionSpans } from "./spans.ts";

export interface Tracing {
  readonly join: JoinTrace;
  /** Sends the spans of an admission that has a timer. Never throws. */
  readonly record: (record: AdmissionRecord) => void;
  readonly counts: () => SpanCounts;
  /** Sends what waits, as far as there is time, and stops. */
  readonly close: () => Promise<void>;
}

/** Since the start. */
export interface SpanCounts {
  readonly exported: number;
  /** There was no room for them. */
  readonly dropped: number;
  /** The collector did not take them. */
  readonly failed: number;
}

/** Most spans that wait: OpenTelemetry's own figure for a batch processor. */
const MAX_WAITING = 2048;
/** Time for the last spans, in milliseconds. */
const CLOSE_LIMIT = 2000;

/** @param load gives the SDK; another one in tests of a load that fails */
export function createTracing(
  { endpoint, sampleRatio }: TracesConfig,
  version: string,
  log: Log,
  load: LoadExporter = loadExporter,
): Tracing {
  const tell = tellChanges(endpoint, log);
  const queue = createQueue(tell, (onEnd) => load({ endpoint, version, onEnd, maxWaiting: MAX_WAITING }));
  return {
    join: joinWithSpans(sampleRatio),
    record: (record) => {
      const { trace } = record;
      if (trace?.timer === undefined) return;
      try {
        queue.send(trace, spansOf(record, trace.timer.times()));
      } catch (error) {
        tell(error);
      }
    },
    counts: () => queue.counts,
    close: queue.close,
  };
}

type LoadExporter = (options: ExporterOptions) => Promise<Exporter>;

interface SpanQueue {
  readonly counts: SpanCounts;
  readonly send: (trace: AdmissionTrace, spans: AdmissionSpans) => void;
  readonly close: () => Promise<void>;
}

/** @param open called with the first spans */
function createQueue(
  tell: (error: unknown) => void,
  open: (onEnd: ExporterOptions["onEnd"]) => Promise<Exporter>,
): SpanQueue {
  const counts = { exported: 0, dropped: 0, failed: 0 };
  let waiting = 0;
  let exporter: Promise<Exporter> | undefined;
  const onEnd = (spans: number, error?: unknown): void => {
    waiting -= spans;
    counts[error === undefined ? "exported" : "failed"] += spans;
    tell(error);
  };
  return {
    counts,
    send: (trace, spans) => {
      const count = spans.steps.length + 1;
      if (waiting + count > MAX_WAITING) {
        counts.dropped += count;
        return;
      }
      waiting += count;
      exporter ??= open(onEnd);
      exporter.then(({ send }) => send(trace, spans)).catch((error: unknown) => onEnd(count, error));
    },
    close: () => closeWithin(CLOSE_LIMIT, exporter),
  };
}

async function loadExporter(options: ExporterOptions): Promise<Exporter> {
  const { openExporter } = await import("./otlp-exporter.ts");
  return openExporter(options);
}

/** What is not sent by then is lost: the process is to end. */
async function closeWithin(limit: number, exporter: Promise<Exporter> | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limit);
  const closed = exporter?.then(({ close }) => close()).catch(() => {});
  await Promise.race([promise, closed]);
  clearTimeout(timer);
}

/** Logs that the collector does not take spans, and that it does again: each once. */
function tellChanges(endpoint: string, log: Log): (error: unknown) => void {
  let isFailing = false;
  return (error) => {
    if (isFailing === (error !== undefined)) return;
    isFailing = error !== undefined;
    if (!isFailing) return log.info("traces are exported again");
    const { summary, fix } = TELEMETRY_ERRORS.W_TRACES;
    const reason = reasonOf(error);
    log.warn(`W_TRACES: ${summary}: ${endpoint} (${reason}). Fix: ${fix}`, { code: "W_TRACES", reason });
  };
}

/** `ECONNREFUSED`, `503`: the text of such an error may be the collector's. */
function reasonOf(error: unknown): string {
  const code: unknown = error instanceof Error ? (error as { readonly code?: unknown }).code : undefined;
  return /^[A-Z0-9_]{1,63}$/.test(String(code)) ? String(code) : faultName(error);
}
