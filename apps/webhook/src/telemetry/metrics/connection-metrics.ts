/** What arrives at the port for admissions, before it is one. */
import { Counter, Gauge } from "prom-client";

import type { Registers } from "./metric-kinds.ts";

export interface ConnectionMetrics {
  readonly rejection: (httpCode: number) => void;
  readonly inFlight: (change: 1 | -1) => void;
  readonly handshakeError: () => void;
}

export function connectionMetrics(registers: Registers): ConnectionMetrics {
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
  return {
    rejection: (code) => rejections.inc({ code }),
    inFlight: (change) => inFlight.inc(change),
    handshakeError: () => handshakeErrors.inc(),
  };
}
