/** Registers the webhook with the API server, and keeps the registration as it is wanted. */
import { MUTATING_CONFIGURATIONS } from "../kubernetes/api-paths.ts";
import type { KubernetesClient } from "../kubernetes/kubernetes-client.ts";
import { createHandover } from "./handover.ts";
import { keepRegistered } from "./keep-registered.ts";
import { sees, type Keeping } from "./keeping.ts";
import { createRegistrationStatus, type StatusOptions } from "./registration-status.ts";
import { createRepairPace, type RepairPace } from "./repair-pace.ts";
import { createWakeup } from "./wakeup.ts";
import type { WebhookConfiguration } from "./webhook-configuration.ts";

export interface RegistrarOptions extends StatusOptions {
  readonly client: KubernetesClient;
  /**
   * The CAs as they are where all replicas look, in PEM: what was given by `publish` may be out of date by the time that
   * it is written. Throws KubernetesError.
   */
  readonly currentBundle?: () => Promise<string | undefined>;
  /** Ends it. The registration stays. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** How often it is repaired when somebody undoes it. */
  readonly pace?: RepairPace;
  /** Milliseconds after which the registration is looked at even without a change. Default: a minute. */
  readonly resync?: number;
}

export interface Registrar {
  /**
   * Gives the CAs, in PEM, that the API server is to trust. Resolves when the registration holds them, with a signal that
   * is aborted when it is seen with others, be it for a moment. Stays pending while it cannot be written; when another bundle is
   * given meanwhile, until that one is held.
   */
  publish(caBundle: string): Promise<AbortSignal>;
  /**
   * Why it was never registered so far, for readiness probes. Nothing once it was: a replica that is not ready any more
   * because somebody changed the registration would only take itself from those who still call it. Nothing, too, while
   * the registration is left to another Service until this one is known to be ready.
   */
  problem(): string | undefined;
  /** Resolves when it is registered for the first time. Rejects with an AppError when it cannot be. */
  readonly registered: Promise<void>;
}

const RESYNC = 60_000;

/** Starts it. Until the first `publish` nothing is written, unless the bundle is left to others. */
export function startRegistrar(options: RegistrarOptions): Registrar {
  const { client, desired, currentBundle, signal, clock, pace = createRepairPace(), resync = RESYNC } = options;
  const status = createRegistrationStatus(options);
  const wakeup = createWakeup();
  const handover = createHandover(desired, wakeup.wake, () => performance.now());
  const keeping: Keeping = { isNew: true, isBroken: false, failures: 0, waiting: [] };
  signal.addEventListener("abort", wakeup.wake, { once: true });
  client.watch<WebhookConfiguration>(
    MUTATING_CONFIGURATIONS,
    desired.name,
    (event) => {
      sees(event.type === "present" ? event.object : undefined, keeping, options);
      wakeup.wake();
    },
    { signal, resync, onProblem: (error) => status.failed(error, "watching the registration") },
  );
  void keepRegistered(keeping, {
    client,
    desired,
    status,
    pace,
    wakeup,
    handover,
    currentBundle,
    signal,
    since: clock(),
    clock,
  });
  return {
    problem: () => {
      const problem = status.problem();
      if (problem === undefined) handover.probed();
      return problem;
    },
    registered: status.registered,
    publish: (caBundle) =>
      new Promise((resolve) => {
        keeping.waiting = [...keeping.waiting, resolve];
        keeping.isNew ||= keeping.bundle !== caBundle;
        keeping.bundle = caBundle;
        wakeup.wake();
      }),
  };
}
