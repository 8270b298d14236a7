/** The parts of docs/telemetry.md that are drawn from the code. */
import { AUDIT_KEYS } from "@pod-secrets/core";

import { NO_TELEMETRY } from "../compose/telemetry.ts";
import { createMetrics, type MetricDescription } from "../telemetry/metrics.ts";
import { TRACE_AUDIT_KEY } from "../telemetry/traces/admission-trace.ts";
import { withGenerated } from "./config-reference.ts";

/** docs/telemetry.md with its generated parts as they should be. */
export function withTelemetryReference(text: string): string {
  return withGenerated(
    text,
    new Map([
      ["metrics", table(["metric", "kind", "labels", "what"], documentedMetrics().map(metricRow))],
      ["audit keys", table(["key", "what"], auditRows())],
    ]),
  );
}

/** Every metric that the webhook has. */
export function documentedMetrics(): readonly MetricDescription[] {
  const none = (): number => 0;
  const { spans, events } = NO_TELEMETRY;
  const kept = { bodyBytes: none, waiting: none, droppedLogLines: none, certificateExpires: none };
  return createMetrics({ version: "", ...kept, spans, events }).list();
}

function metricRow({ name, kind, labels, help }: MetricDescription): readonly string[] {
  return [`\`${name}\``, kind, labels.map((label) => `\`${label}\``).join(", "), help];
}

function auditRows(): readonly (readonly string[])[] {
  const trace = [TRACE_AUDIT_KEY, "id of the API server's trace, as in the log; only when the API server traces"];
  return [...Object.entries(AUDIT_KEYS), trace].map(([key = "", what = ""]) => [`\`${key}\``, what]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return ["<!-- prettier-ignore -->", line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
