/** OpenTelemetry's SDK: spans to a collector. Loaded when there are some to send; nothing else imports the SDK. */
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
  type Context,
  type Tracer,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, RandomIdGenerator, TracerProvider, type SpanExporter } from "@opentelemetry/sdk-trace";

import type { AdmissionTrace } from "./admission-trace.ts";
import type { AdmissionSpans, SpanContent } from "./spans.ts";

export interface ExporterOptions {
  /** Base URL of the collector. */
  readonly endpoint: string;
  readonly version: string;
  /** Spans were taken by the collector, or lost. */
  readonly onEnd: (spans: number, error?: unknown) => void;
  /** Most spans that wait. */
  readonly maxWaiting: number;
}

export interface Exporter {
  readonly send: (trace: AdmissionTrace, spans: AdmissionSpans) => void;
  /** Sends what waits. */
  readonly close: () => Promise<void>;
}

/** How long spans are gathered before they are sent together, in milliseconds. */
const GATHER = 2000;
/** Time for one request to the collector with its repetitions, in milliseconds. */
const TIME_LIMIT = 5000;

export function openExporter(options: ExporterOptions): Exporter {
  const ids = new RandomIdGenerator();
  // A trace that begins here has its id since before it was known to be sent: the log has it, too.
  let traceId = "";
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      "service.name": process.env["OTEL_SERVICE_NAME"] || "pod-secrets",
      "service.version": options.version,
    }),
    idGenerator: { generateTraceId: () => traceId, generateSpanId: () => ids.generateSpanId() },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: counted(createExporter(options), options),
        maxQueueSize: options.maxWaiting,
        scheduledDelayMillis: GATHER,
      }),
    ],
  });
  const tracer = provider.getTracer("pod-secrets", options.version);
  return {
    send: (admission, spans) => {
      ({ traceId } = admission);
      write(tracer, contextOf(admission), spans);
    },
    close: () => provider.shutdown(),
  };
}

/** Headers, certificates and compression come from the env vars that OpenTelemetry has for them. */
function createExporter({ endpoint, version }: ExporterOptions): SpanExporter {
  const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`;
  return new OTLPTraceExporter({ url, timeoutMillis: TIME_LIMIT, userAgent: `pod-secrets/${version}` });
}

/** Tells what became of the spans: the SDK itself keeps silent. */
function counted(exporter: SpanExporter, { onEnd }: ExporterOptions): SpanExporter {
  return {
    export: (spans, done) => {
      exporter.export(spans, (result) => {
        onEnd(spans.length, (result.code as number) === SUCCESS ? undefined : (result.error ?? new Error("not taken")));
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}

/** `ExportResultCode.SUCCESS` of `@opentelemetry/core`. */
const SUCCESS = 0;

function contextOf({ parent }: AdmissionTrace): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  const { traceId, spanId } = parent;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true });
}

function write(tracer: Tracer, context: Context, { root, steps }: AdmissionSpans): void {
  // Spans are told in time of the clock on the wall, and measured in one that never leaps.
  const offset = Date.now() - performance.now();
  const start = (content: SpanContent, kind: SpanKind, within: Context): ReturnType<Tracer["startSpan"]> => {
    const { name, attributes, error } = content;
    const span = tracer.startSpan(name, { kind, startTime: content.start + offset, attributes }, within);
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    return span;
  };
  const admission = start(root, SpanKind.SERVER, context);
  const inside = trace.setSpan(context, admission);
  for (const step of steps) start(step, SpanKind.INTERNAL, inside).end(step.end + offset);
  admission.end(root.end + offset);
}
