/**
 * The registration with the API server. A process that registers nothing has no `pod_secrets_registration_held`, so that
 * an alert on 0 is about those alone that are meant to; the others of these stay at 0 there.
 */
import { Counter, Gauge } from "prom-client";

import type { RegistrationMetrics, RegistrationWrite } from "../../registration/registration-status.ts";
import type { Registers } from "./metric-kinds.ts";

const WRITES: readonly RegistrationWrite[] = ["create", "publish", "repair"];

export function registrationMetrics(registers: Registers): RegistrationMetrics {
  const held = new Gauge({
    name: "pod_secrets_registration_held",
    help: "Whether the registration with the API server is as this process wants it; absent where it registers nothing.",
    registers,
  });
  const contested = new Gauge({
    name: "pod_secrets_registration_contested",
    help: "Whether somebody undoes each repair of the registration, which is then made less and less often.",
    registers,
  });
  const writes = new Counter({
    name: "pod_secrets_registration_writes_total",
    help: "Writes of the registration, by reason: create, publish (a CA, or another configuration), repair (somebody changed it).",
    labelNames: ["reason"],
    registers,
  });
  const failures = new Counter({
    name: "pod_secrets_registration_failures_total",
    help: "Calls of the API server for the registration that failed; they are repeated.",
    registers,
  });
  // A gauge without labels starts as 0.
  held.remove();
  // A counter that appears with its first event hides that event from rate().
  for (const reason of WRITES) writes.inc({ reason }, 0);
  return {
    registrationHeld: (isHeld) => held.set(isHeld ? 1 : 0),
    registrationContested: (isContested) => contested.set(isContested ? 1 : 0),
    registrationWritten: (reason) => writes.inc({ reason }),
    registrationFailed: () => failures.inc(),
  };
}
