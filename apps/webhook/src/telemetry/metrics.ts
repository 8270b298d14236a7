/**
 * Metrics for Prometheus, in a registry of their own. Every label has few values: names of injectors from the
 * config file, outcomes, and codes of the catalogues; never anything from a pod.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** What becomes of an admission. */
export type AdmissionOutcome = "changed" | "unchanged" | "refused" | "ignored" | "failed";
const ADMISSION_OUTCOMES: readonly AdmissionOutcome[] = ["changed", "unchanged", "refused", "ignored", "failed"];

export interface Metrics {
  /** @param seconds from the first byte of the request to the answer */
  readonly admission: (outcome: AdmissionOutcome, seconds: number) => void;
  /** @param injector the one that gave or refused the secrets; `none` when nobody had them */
  readonly secrets: (injector: string, outcome: "injected" | "refused", count: number) => void;
  readonly refusal: (code: string) => void;
  readonly rejection: (httpCode: number) => void;
  readonly inFlight: (change: 1 | -1) => void;
  readonly handshakeError: () => void;
  /** @param at milliseconds since 1970 */
  readonly configReload: (ok: boolean, at: number) => void;
  readonly certificateReload: (ok: boolean) => void;
  /** The text that Prometheus scrapes. */
  readonly expose: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** What the metrics ask for when they are scraped. */
export interface MetricSources {
  readonly version: string;
  /** Bytes of the bodies in memory. */
  readonly bodyBytes: () => number;
  readonly droppedLogLines: () => number;
  /** When the serving certificate expires, in milliseconds since 1970. */
  readonly certificateExpires: () => number;
}

/** In seconds: most admissions take less than one millisecond; the API server gives up after 30 s at the latest. */
const DURATION_BUCKETS = [0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Most values of the label `code` of refusals: an injector from elsewhere may make its codes up as it goes. */
const MAX_CODES = 200;

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const admissions = new Counter({
    name: "pod_secrets_admissions_total",
    help: "Admission reviews answered, by outcome: changed, unchanged, refused, ignored (no creation of a pod), failed (a fault of the webhook).",
    labelNames: ["outcome"],
    registers,
  });
  const durations = new Histogram({
    name: "pod_secrets_admission_duration_seconds",
    help: "Time from the first byte of an admission review to its answer.",
    buckets: DURATION_BUCKETS,
    registers,
  });
  const secrets = new Counter({
    name: "pod_secrets_secrets_total",
    help: "Secrets asked for by pods, by outcome and the injector that decided; none when no injector had it.",
    labelNames: ["injector", "outcome"],
    registers,
  });
  const refusals = new Counter({
    name: "pod_secrets_refusals_total",
    help: "Refused secrets and pods, by error code.",
    labelNames: ["code"],
    registers,
  });
  const rejections = new Counter({
    name: "pod_secrets_http_rejections_total",
    help: "Requests that were no admission review, by HTTP status code.",
    labelNames: ["code"],
    registers,
  });
  const handshakeErrors = new Counter({
    name: "pod_secrets_tls_handshake_errors_total",
    help: "Connections that ended before TLS was agreed on.",
    registers,
  });
  const inFlight = new Gauge({
    name: "pod_secrets_requests_in_flight",
    help: "Requests being answered.",
    registers,
  });
  const codes = boundedLabel(MAX_CODES);
  // A counter that appears with its first event hides that event from rate().
  for (const outcome of ADMISSION_OUTCOMES) admissions.inc({ outcome }, 0);
  registerSources(sources, registers);
  registerProcess(registers);
  return {
    admission: (outcome, seconds) => {
      admissions.inc({ outcome });
      durations.observe(seconds);
    },
    secrets: (injector, outcome, count) => secrets.inc({ injector, outcome }, count),
    refusal: (code) => refusals.inc({ code: codes(code) }),
    rejection: (code) => rejections.inc({ code }),
    inFlight: (change) => inFlight.inc(change),
    handshakeError: () => handshakeErrors.inc(),
    ...reloads(registers),
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

type Reloads = Pick<Metrics, "configReload" | "certificateReload">;

function reloads(registers: Registry[]): Reloads {
  const configs = new Counter({
    name: "pod_secrets_config_reloads_total",
    help: "Reloads of the configuration, by outcome; after a failure the last good one stays.",
    labelNames: ["outcome"],
    registers,
  });
  const configOk = new Gauge({
    name: "pod_secrets_config_last_reload_successful",
    help: "Whether the last reload of the configuration was successful.",
    registers,
  });
  const configTime = new Gauge({
    name: "pod_secrets_config_last_reload_success_timestamp_seconds",
    help: "When the configuration in use was loaded.",
    registers,
  });
  const certificates = new Counter({
    name: "pod_secrets_certificate_reloads_total",
    help: "Reloads of the serving certificate, by outcome; after a failure the last good one stays.",
    labelNames: ["outcome"],
    registers,
  });
  return {
    configReload: (ok, at) => {
      configs.inc({ outcome: outcomeOf(ok) });
      configOk.set(ok ? 1 : 0);
      if (ok) configTime.set(at / 1000);
    },
    certificateReload: (ok) => certificates.inc({ outcome: outcomeOf(ok) }),
  };
}

function registerSources(sources: MetricSources, registers: Registry[]): void {
  const { version, bodyBytes, droppedLogLines, certificateExpires } = sources;
  new Gauge({
    name: "pod_secrets_build_info",
    help: "Always 1; the version of pod-secrets and of Node.",
    labelNames: ["version", "node"],
    registers,
  }).set({ version, node: process.versions.node }, 1);
  gauge("pod_secrets_body_bytes", "Bytes of the admission reviews in memory.", bodyBytes, registers);
  gauge(
    "pod_secrets_certificate_expiry_timestamp_seconds",
    "When the serving certificate expires, in seconds since 1970.",
    () => certificateExpires() / 1000,
    registers,
  );
  counter("pod_secrets_log_lines_dropped_total", "Log lines that nobody took.", droppedLogLines, registers);
}

/** Under the names that Prometheus client libraries give them. */
function registerProcess(registers: Registry[]): void {
  const started = Date.now() / 1000 - process.uptime();
  gauge("process_start_time_seconds", "When the process started, in seconds since 1970.", () => started, registers);
  gauge("process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss(), registers);
  gauge("nodejs_heap_size_used_bytes", "JavaScript heap in use.", () => process.memoryUsage().heapUsed, registers);
  counter("process_cpu_seconds_total", "CPU time of user and system.", cpuSeconds, registers);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** A gauge that is read when it is scraped. */
function gauge(name: string, help: string, read: () => number, registers: Registry[]): void {
  const metric: Gauge = new Gauge({ name, help, registers, collect: () => metric.set(read()) });
}

/** A counter that somebody else counts. */
function counter(name: string, help: string, read: () => number, registers: Registry[]): void {
  const metric: Counter = new Counter({
    name,
    help,
    registers,
    collect: () => {
      metric.reset();
      metric.inc(read());
    },
  });
}

function outcomeOf(ok: boolean): "success" | "failure" {
  return ok ? "success" : "failure";
}

/** Lets the first `limit` values through; all others become one. */
function boundedLabel(limit: number): (value: string) => string {
  const seen = new Set<string>();
  return (value) => {
    if (seen.has(value)) return value;
    if (seen.size >= limit) return "other";
    seen.add(value);
    return value;
  };
}
