/** What is told of the registration: in the log, in metrics, to readiness, and to whoever waits for the first time. */
import type { Logger } from "@pod-secrets/core";

import type { AppError } from "../errors.ts";
import { faultName } from "../faults.ts";
import { isPassing, kubernetesAppError } from "../kubernetes/app-errors.ts";
import { KubernetesError } from "../kubernetes/kubernetes-client.ts";
import type { DesiredRegistration } from "./desired-registration.ts";
import { foreignRegistration } from "./foreign.ts";
import { lastOtherWriter } from "./field-managers.ts";
import type { Plan } from "./plan.ts";
import { formatStamp, type Stamp } from "./stamp.ts";
import { createTeller, type Teller } from "./teller.ts";
import type { WebhookConfiguration } from "./webhook-configuration.ts";

export type RegistrationWrite = "create" | "publish" | "repair";

export interface RegistrationMetrics {
  /** Whether the registration is as it is wanted, as far as is known. */
  readonly registrationHeld: (isHeld: boolean) => void;
  readonly registrationWritten: (write: RegistrationWrite) => void;
  /** A call of the API failed. */
  readonly registrationFailed: () => void;
  /** Whether somebody undoes each repair. */
  readonly registrationContested: (isContested: boolean) => void;
}

export interface RegistrationStatus {
  readonly registered: Promise<void>;
  readonly problem: () => string | undefined;
  /** Whether it ever was as it is wanted. */
  wasHeld(): boolean;
  /** It is as it is wanted. */
  held(isContested: boolean): void;
  /** It is as a process wants it that started later, which has the say. */
  follows(later: Stamp): void;
  /** It is not as it is wanted any more. */
  drifted(): void;
  /** It leads to somebody else, and is left so for some milliseconds: this replica is as ready as it can be. */
  waits(milliseconds: number): void;
  wrote(plan: Writing, write: RegistrationWrite, before: WebhookConfiguration | undefined): void;
  /** @param doing what the call was for */
  failed(error: unknown, doing: string): void;
  left(plan: Leaving): void;
  /** @param wait milliseconds until the next repair */
  contested(live: WebhookConfiguration | undefined, wait: number): void;
}

export type Writing = Plan & { readonly do: "create" | "patch" };
export type Leaving = Plan & { readonly do: "leave" };

export interface StatusOptions {
  readonly desired: DesiredRegistration;
  readonly log: Logger;
  readonly metrics?: RegistrationMetrics;
}

export function createRegistrationStatus(options: StatusOptions): RegistrationStatus {
  const { desired, log, metrics } = options;
  const { promise: registered, resolve, reject } = Promise.withResolvers<void>();
  // Somebody may wait for it later, or not at all.
  registered.catch(() => {});
  const known: Known = {
    ...options,
    isHeld: false,
    isContested: false,
    problem: "not registered yet",
    tell: createTeller(),
    onHeld: resolve,
    onHopeless: reject,
  };
  const wishes = createTeller();
  return {
    registered,
    problem: () => known.problem,
    wasHeld: () => known.isHeld,
    held: (isStillContested) => held(known, isStillContested),
    follows: (later) => {
      if (!wishes.isNew(formatStamp(later))) return;
      const started = new Date(later.since).toISOString();
      log.warn(`the registration is as a process wants it that started later (${started}), and not as this one does`, {
        registration: desired.name,
      });
    },
    drifted: () => metrics?.registrationHeld(false),
    waits: (milliseconds) => {
      known.problem = undefined;
      const what = "the registration leads to another service, and is taken over when this one is known to be ready";
      if (known.tell.isNew(what))
        log.info(what, { registration: desired.name, atMostSeconds: Math.ceil(milliseconds / 1000) });
    },
    wrote: (plan, write, before) => {
      metrics?.registrationWritten(write);
      log.info(WRITTEN[write], { registration: desired.name, ...changes(plan, before) });
    },
    failed: (error, doing) => failed(known, error, doing),
    left: (plan) => left(known, plan),
    contested: (live, wait) => contested(known, live, wait),
  };
}

/** What is known of the registration, and to whom it is told. */
interface Known extends StatusOptions {
  /** Whether it ever was as it is wanted. */
  isHeld: boolean;
  isContested: boolean;
  problem: string | undefined;
  readonly tell: Teller;
  readonly onHeld: () => void;
  /** It was not, and will not be before somebody mends something. */
  readonly onHopeless: (error: AppError) => void;
}

function held(known: Known, isStillContested: boolean): void {
  const { desired, log, metrics, tell } = known;
  if (!known.isHeld) log.info("registered", { registration: desired.name, webhook: desired.entry.name });
  else if (tell.hasTold()) log.info("the registration is as it should be again", { registration: desired.name });
  known.isHeld = true;
  known.problem = undefined;
  tell.reset();
  known.isContested &&= isStillContested;
  metrics?.registrationHeld(true);
  metrics?.registrationContested(known.isContested);
  known.onHeld();
}

function failed(known: Known, error: unknown, doing: string): void {
  const { desired, log, metrics, tell } = known;
  metrics?.registrationFailed();
  if (!(error instanceof KubernetesError))
    return log.error(`${doing} failed`, { registration: desired.name, error: faultName(error) });
  const told = kubernetesAppError(error, doing);
  if (!known.isHeld) known.problem = told.message;
  if (!known.isHeld && !isPassing(error)) cannotStart(known, told);
  else if (error.failure !== "conflict" && tell.isNew(told.message))
    log.warn(`${told.code}: ${told.message}; it is tried again. Fix: ${told.fix}`, { code: told.code });
}

function cannotStart(known: Known, error: AppError): void {
  if (known.isHeld) return known.log.error(`${error.code}: ${error.message}. Fix: ${error.fix}`, { code: error.code });
  known.problem = error.message;
  known.onHopeless(error);
}

function left(known: Known, plan: Leaving): void {
  const { desired, log, metrics, tell } = known;
  metrics?.registrationHeld(false);
  if (plan.because === "foreign") {
    const error = foreignRegistration(desired, plan.owner);
    if (tell.isNew(error.message)) cannotStart(known, error);
    return;
  }
  if (!known.isHeld) known.problem = TAKEN_BACK;
  if (tell.isNew(TAKEN_BACK))
    log.warn(`${TAKEN_BACK}: pods are created without this webhook. Fix: ${FIX_TAKEN_BACK}`, {
      registration: desired.name,
    });
}

function contested(known: Known, live: WebhookConfiguration | undefined, wait: number): void {
  const { desired, log, metrics } = known;
  metrics?.registrationContested(true);
  if (known.isContested) return;
  known.isContested = true;
  const writer = live === undefined ? undefined : lastOtherWriter(live);
  const by = writer === undefined ? "somebody" : `field manager ${writer}`;
  log.warn(`${by} undoes the registration each time; it is written less often from now on`, {
    registration: desired.name,
    nextSeconds: Math.ceil(wait / 1000),
  });
}

const TAKEN_BACK = "the registration was taken back by `pod-secrets unregister`";
const FIX_TAKEN_BACK =
  "To register again, restart the webhook, as by `kubectl rollout restart` of its Deployment; to be rid of it, remove it.";

const WRITTEN: Readonly<Record<RegistrationWrite, string>> = {
  create: "registration created",
  publish: "registration updated",
  repair: "registration repaired",
};

function changes(plan: Writing, before: WebhookConfiguration | undefined): Readonly<Record<string, string>> {
  if (plan.do === "create") return {};
  const writer = before === undefined ? undefined : lastOtherWriter(before);
  const taken = plan.takesOver ? { from: "Flyte's webhook, or a manifest" } : {};
  return { fields: plan.fields.join(", "), ...taken, ...(writer === undefined ? {} : { lastWriter: writer }) };
}
