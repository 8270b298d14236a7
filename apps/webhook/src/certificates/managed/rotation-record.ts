/** What is logged of the rotation, and what metrics say of it. */
import { kubernetesAppError } from "../../kubernetes/app-errors.ts";
import type { Logger } from "@pod-secrets/core";
import { HOUR } from "../lifetimes.ts";
import type { Doubt } from "./doubt.ts";
import type { RotationEvents, RotationFault } from "./rotation-events.ts";
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
  let isWell = true;
  /** Failures since all was well. */
  const failures = createNews(clock);
  /** What somebody else or a wrong clock does may come and go all the time. */
  const oddities = createNews(clock);
  const tell = (news: News, message: string, write: () => void): void => {
    isWell = false;
    if (news.isNew(message)) write();
  };
  const tellOfSecret = (what: string): void =>
    tell(oddities, what, () =>
      log.error(`E_CERTIFICATE_SECRET: Secret ${secret} ${what}`, { code: "E_CERTIFICATE_SECRET" }),
    );
  const tellOfFault = ({ failure, error }: RotationFault): void =>
    log.error(`the certificate's rotation failed, and is tried again: ${error}`, { failure });
  return {
    state: () => ({ phase, isWell }),
    events: {
      onStep(rotation) {
        phase = phaseOf(rotation);
        log.info(`certificate rotation: ${phase}`, fieldsOf(secret, rotation));
      },
      onGood: () => {
        isWell = true;
        failures.forget();
      },
      onDamage: (what) => tellOfSecret(`is damaged, and mended: ${what}; what is served, if anything, stays`),
      onFight: () => tellOfSecret(FIGHT),
      onForeign: (by) => tellOfSecret(`is written by ${by}; what is served, if anything, stays`),
      onDoubt: (about) => tell(oddities, DOUBTS[about], () => log.warn(DOUBTS[about])),
      onFailure: (error) => {
        if (error.failure === "fault") return tell(failures, error.error, () => tellOfFault(error));
        const told = kubernetesAppError(error, `reaching the certificate's Secret ${secret}`);
        const text = `${told.code}: ${told.message}; it is tried again. Fix: ${told.fix}`;
        return tell(failures, text, () => log.warn(text, { code: told.code, failure: error.failure }));
      },
    },
  };
}

interface News {
  /** Whether it is to be told: the same is told again after an hour only. */
  isNew(message: string): boolean;
  forget(): void;
}

/** Messages that are remembered at most. */
const MOST_TOLD = 32;

function createNews(clock: () => number): News {
  const told = new Map<string, number>();
  return {
    isNew(message) {
      const now = clock();
      const before = told.get(message);
      if (before !== undefined && Math.abs(now - before) < HOUR) return false;
      if (told.size >= MOST_TOLD) told.clear();
      told.set(message, now);
      return true;
    },
    forget: () => told.clear(),
  };
}

const FIGHT =
  "is changed again and again by somebody else, and put back ten times a minute at most; " +
  "its managedFields name the writer: keep that one from it, or name another Secret as `server.certificates.secret`";

const DOUBTS: Readonly<Record<Doubt, string>> = {
  clock:
    "a certificate of the rotation is outside its dates by the clock of this replica, and left to the other replicas: " +
    "check the clocks of the nodes",
  names:
    "the certificate has as many names as it may have, and not all that this replica wants: replicas differ in " +
    "`server.certificates`; give all of them the same",
};

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
