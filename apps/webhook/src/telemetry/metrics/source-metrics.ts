/** Numbers that other parts of the webhook keep. */
import { Counter, Gauge } from "prom-client";

import type { RotationState } from "../../certificates/managed/rotation-record.ts";
import type { InjectorEventCount } from "../injector-events.ts";
import { gauge, type Registers } from "./metric-kinds.ts";
import { registerRotation } from "./rotation-metrics.ts";

/** What the metrics ask for when they are scraped. */
export interface MetricSources {
  readonly version: string;
  /** Bytes of the bodies in memory. */
  readonly bodyBytes: () => number;
  /** Admissions that wait for their turn. */
  readonly waiting: () => number;
  /** When the serving certificate expires, in milliseconds since 1970. */
  readonly certificateExpires: () => number;
  /** Nothing where the certificate is not managed. */
  readonly rotation?: (() => RotationState) | undefined;
  /** Nothing where no injector counts. */
  readonly injectorEvents?: (() => readonly InjectorEventCount[]) | undefined;
}

export function registerSources(sources: MetricSources, registers: Registers): void {
  const { version, bodyBytes, waiting, certificateExpires } = sources;
  new Gauge({
    name: "pod_secrets_build_info",
    help: "Always 1; the version of pod-secrets and of Node.",
    labelNames: ["version", "node"],
    registers,
  }).set({ version, node: process.versions.node }, 1);
  registerRotation(sources.rotation, registers);
  registerInjectorEvents(sources.injectorEvents, registers);
  gauge("pod_secrets_body_bytes", "Bytes of the admission reviews in memory.", bodyBytes, registers);
  gauge("pod_secrets_admissions_waiting", "Admissions that wait for their turn.", waiting, registers);
  gauge(
    "pod_secrets_certificate_expiry_timestamp_seconds",
    "When the serving certificate expires, in seconds since 1970.",
    () => certificateExpires() / 1000,
    registers,
  );
}

function registerInjectorEvents(list: MetricSources["injectorEvents"], registers: Registers): void {
  const metric: Counter<"injector" | "event"> = new Counter({
    name: "pod_secrets_injector_events_total",
    help: "What happened in injectors beside their decisions; of embedded: cache-hit, read-joined (waited for the read of another pod), read-found, read-absent, read-failed, store-paused (it keeps failing and is left alone), store-resumed.",
    labelNames: ["injector", "event"],
    registers,
    collect: () => {
      metric.reset();
      for (const { injector, event, count } of list?.() ?? []) metric.inc({ injector, event }, count);
    },
  });
}
