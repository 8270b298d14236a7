/** What was let go of, because there was too much of it or its client did not get on. */
import { Counter } from "prom-client";

import type { Registers } from "./metric-kinds.ts";

/** Which of the two servers. */
export type Port = "server" | "operations";

/** Why an admission was not answered by a review. */
const OVERLOADS = ["memory", "late", "gone"] as const;
/** At the limit of connections. */
const AT_LIMIT = ["idle", "incomplete", "new"] as const;
const SHED = [...AT_LIMIT, "expired", "unread"] as const;

export interface OverloadMetrics {
  /** `memory`, `late`: answered with 429; `gone`: its client had gone before its turn came. */
  readonly overload: (reason: (typeof OVERLOADS)[number]) => void;
  /**
   * A connection was closed: an `idle` one, one whose request was `incomplete`, or the `new` one at the limit, one that
   * `expired` while it waited for its TLS handshake, one on which an answer stayed `unread`.
   */
  readonly shed: (port: Port, reason: (typeof SHED)[number]) => void;
}

export function overloadMetrics(registers: Registers): OverloadMetrics {
  const overloads = new Counter({
    name: "pod_secrets_overload_total",
    help: "Admissions not worked on: memory and late were answered with 429, of gone the client did not wait.",
    labelNames: ["reason"],
    registers,
  });
  const shed = new Counter({
    name: "pod_secrets_connections_shed_total",
    help: "Connections that were closed: idle, incomplete (a request) and new at the limit, expired before their handshake, unread with an answer.",
    labelNames: ["port", "reason"],
    registers,
  });
  // A counter that appears with its first event hides that event from rate().
  for (const reason of OVERLOADS) overloads.inc({ reason }, 0);
  for (const reason of SHED) shed.inc({ port: "server", reason }, 0);
  for (const reason of AT_LIMIT) shed.inc({ port: "operations", reason }, 0);
  return {
    overload: (reason) => overloads.inc({ reason }),
    shed: (port, reason) => shed.inc({ port, reason }),
  };
}
