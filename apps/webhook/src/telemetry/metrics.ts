/**
 * Metrics for Prometheus, in a registry of their own. Every label has few values: names of injectors from the
 * config file, outcomes, and codes of the catalogues; never anything from a pod.
 */
import { Registry } from "prom-client";

import type { RegistrationMetrics } from "../registration/registration-status.ts";
import { admissionMetrics, type AdmissionMetrics } from "./metrics/admission-metrics.ts";
import { connectionMetrics, type ConnectionMetrics } from "./metrics/connection-metrics.ts";
import { overloadMetrics, type OverloadMetrics } from "./metrics/overload-metrics.ts";
import { registerProcess } from "./metrics/process-metrics.ts";
import { registrationMetrics } from "./metrics/registration-metrics.ts";
import { reloadMetrics, type ReloadMetrics } from "./metrics/reload-metrics.ts";
import { registerSources, type MetricSources } from "./metrics/source-metrics.ts";
import { registerTelemetry, type TelemetrySources } from "./metrics/telemetry-metrics.ts";

export interface Metrics
  extends AdmissionMetrics, ConnectionMetrics, OverloadMetrics, RegistrationMetrics, ReloadMetrics {
  /** The text that Prometheus scrapes. */
  readonly expose: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Every metric, by name. */
  readonly list: () => readonly MetricDescription[];
}

/** What documents say of a metric. */
export interface MetricDescription {
  readonly name: string;
  readonly help: string;
  readonly kind: string;
  readonly labels: readonly string[];
}

export function createMetrics(sources: MetricSources & TelemetrySources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  registerSources(sources, registers);
  registerTelemetry(sources, registers);
  registerProcess(registers);
  return {
    ...admissionMetrics(registers),
    ...connectionMetrics(registers),
    ...overloadMetrics(registers),
    ...registrationMetrics(registers),
    ...reloadMetrics(registers),
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    list: () => listMetrics(registry),
  };
}

function listMetrics(registry: Registry): readonly MetricDescription[] {
  const metrics = registry.getMetricsAsArray().map((metric): MetricDescription => {
    // The types of prom-client leave it out.
    const { labelNames } = metric as typeof metric & { readonly labelNames: readonly string[] };
    return { name: metric.name, help: metric.help, kind: String(metric.type), labels: labelNames };
  });
  return metrics.toSorted((left, right) => (left.name < right.name ? -1 : 1));
}
