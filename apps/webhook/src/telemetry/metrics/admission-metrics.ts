/** What becomes of admissions and of the secrets that they ask for. */
import { Counter, Histogram } from "prom-client";

import type { AdmissionOutcome } from "../admission-outcome.ts";
import { boundedLabel, type Registers } from "./metric-kinds.ts";

const ADMISSION_OUTCOMES: readonly AdmissionOutcome[] = ["changed", "unchanged", "refused", "ignored", "failed"];

export interface AdmissionMetrics {
  /** @param seconds from the first byte of the request to the answer */
  readonly admission: (outcome: AdmissionOutcome, seconds: number) => void;
  /** @param injector the one that gave or refused the secrets; `none` when nobody had them */
  readonly secrets: (injector: string, outcome: "injected" | "refused", count: number) => void;
  readonly refusal: (code: string) => void;
}

/** In seconds: most admissions take less than one millisecond; the API server gives up after 30 s at the latest. */
const DURATION_BUCKETS = [0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Most values of the label `code` of refusals: an injector from elsewhere may make its codes up as it goes. */
const MAX_CODES = 200;

export function admissionMetrics(registers: Registers): AdmissionMetrics {
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
  // A counter that appears with its first event hides that event from rate().
  for (const outcome of ADMISSION_OUTCOMES) admissions.inc({ outcome }, 0);
  return {
    admission: (outcome, seconds) => {
      admissions.inc({ outcome });
      durations.observe(seconds);
    },
    ...secretMetrics(registers),
  };
}

function secretMetrics(registers: Registers): Pick<AdmissionMetrics, "secrets" | "refusal"> {
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
  const codes = boundedLabel(MAX_CODES);
  return {
    secrets: (injector, outcome, count) => secrets.inc({ injector, outcome }, count),
    refusal: (code) => refusals.inc({ code: codes(code) }),
  };
}
