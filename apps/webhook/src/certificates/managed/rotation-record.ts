/** What is logged of the rotation, and what metrics say of it. */
import type { KubernetesError } from "../../kubernetes/kubernetes-client.ts";
import type { Logger } from "@pod-secrets/core";
import { HOUR } from "../lifetimes.ts";
import type { RotationEvents, RotationFault } from "./engine.ts";
import { phaseOf, type Phase, type Rotation } from "./rotation.ts";

export interface RotationState {
  readonly phase: Phase;
  /** Nothing is in the way of the next step. */
  readonly isWell: boolean;
}

export interface RotationRecord {
  readonly events: Omit<RotationEvents, "onServe">;
  readonly state: () => RotationState;
}

/** @param secret `namespace/name` */
export function createRotationRecord(secret: string, log: Logger, clock: () => number): RotationRecord {
  let phase: Phase = "steady";
  let problem: { readonly message: string; readonly at: number } | undefined;
  /** The same one again after an hour only. */
  const tell = (message: string, write: () => void): void => {
    const now = clock();
    if (problem?.message === message && now - problem.at < HOUR) return;
    problem = { message, at: now };
    write();
  };
  return {
    state: () => ({ phase, isWell: problem === undefined }),
    events: {
      onStep(rotation) {
        phase = phaseOf(rotation);
        log.info(`certificate rotation: ${phase}`, fieldsOf(secret, rotation));
      },
      onGood: () => {
        problem = undefined;
      },
      onDamage: (what) =>
        tell(what, () =>
          log.error(`E_CERTIFICATE_SECRET: Secret ${secret}: ${what}; the last good certificate stays`, {
            code: "E_CERTIFICATE_SECRET",
          }),
        ),
      onForeign: (by) =>
        tell(by, () =>
          log.error(`E_CERTIFICATE_SECRET: Secret ${secret} is written by ${by}; the last good certificate stays`, {
            code: "E_CERTIFICATE_SECRET",
          }),
        ),
      onFailure: (error) => {
        const text = textOf(error);
        tell(text, () => log[error.failure === "fault" ? "error" : "warn"](text, { failure: error.failure }));
      },
    },
  };
}

function textOf(error: KubernetesError | RotationFault): string {
  return error.failure === "fault"
    ? `the certificate's rotation failed, and is tried again: ${error.error}`
    : `the certificate's Secret cannot be reached, and is tried again: ${error.message}`;
}

function fieldsOf(secret: string, rotation: Rotation): Readonly<Record<string, string | number>> {
  const { revision, current, next, replicas } = rotation;
  return {
    // A field of the name "secret" is never written.
    source: secret,
    revision,
    expires: new Date(current.expires).toISOString(),
    ...(next === undefined ? {} : { nextExpires: new Date(next.expires).toISOString() }),
    replicas: replicas.size,
  };
}
