/** The rotation of a managed certificate. Without one nothing of this moves. */
import { Gauge } from "prom-client";

import { PHASES } from "../../certificates/managed/rotation.ts";
import type { RotationState } from "../../certificates/managed/rotation-record.ts";
import { gauge, type Registers } from "./metric-kinds.ts";

/** @param rotation nothing where the certificate is not managed */
export function registerRotation(rotation: (() => RotationState) | undefined, registers: Registers): void {
  const phase: Gauge<"phase"> = new Gauge({
    name: "pod_secrets_certificate_rotation_phase",
    help: "1 for the phase that the rotation of a managed certificate is in: steady, staged, published or swapped.",
    labelNames: ["phase"],
    registers,
    collect: () => {
      const current = rotation?.().phase;
      for (const each of PHASES) phase.set({ phase: each }, each === current ? 1 : 0);
    },
  });
  gauge(
    "pod_secrets_certificate_rotation_failing",
    "Whether something is in the way of the rotation of a managed certificate; 0 also where none is managed.",
    () => (rotation?.().isWell === false ? 1 : 0),
    registers,
  );
}
