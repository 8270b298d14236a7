/** Whether what is read again while the webhook serves could be read. */
import { Counter, Gauge } from "prom-client";

import type { Registers } from "./metric-kinds.ts";

export interface ReloadMetrics {
  /** @param at milliseconds since 1970 */
  readonly configReload: (ok: boolean, at: number) => void;
  readonly certificateReload: (ok: boolean) => void;
}

export function reloadMetrics(registers: Registers): ReloadMetrics {
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
  // Its first failure must be seen by increase().
  for (const outcome of ["success", "failure"]) certificates.inc({ outcome }, 0);
  return {
    configReload: (ok, at) => {
      configs.inc({ outcome: outcomeOf(ok) });
      configOk.set(ok ? 1 : 0);
      if (ok) configTime.set(at / 1000);
    },
    certificateReload: (ok) => certificates.inc({ outcome: outcomeOf(ok) }),
  };
}

function outcomeOf(ok: boolean): "success" | "failure" {
  return ok ? "success" : "failure";
}
