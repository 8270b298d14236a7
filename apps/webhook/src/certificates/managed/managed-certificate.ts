/** The certificate in a Secret, for `serve`: opened before anything listens, and followed from then on. */
import type { Logger } from "@pod-secrets/core";

import type { AppError } from "../../errors.ts";
import { isPassing } from "../../kubernetes/app-errors.ts";
import type { KubernetesClient } from "../../kubernetes/kubernetes-client.ts";
import type { LoadedCertificate } from "../certificate.ts";
import type { RotationPolicy } from "./decide.ts";
import { startEngine } from "./engine.ts";
import type { Publish } from "./publication.ts";
import type { RotationEvents } from "./rotation-events.ts";
import { createRotationRecord, type RotationState } from "./rotation-record.ts";
import { accessError, foreignSecret } from "./secret-errors.ts";
import { newSecret } from "./secret-object.ts";
import { createSecretStore } from "./secret-store.ts";

export interface ManagedCertificateOptions {
  readonly client: KubernetesClient;
  readonly namespace: string;
  /** Name of the Secret. */
  readonly secret: string;
  readonly policy: RotationPolicy;
  /** Name of this replica, unlike all others. */
  readonly replica: string;
  /** Sees to it that the registration holds the bundle; without, somebody else does. */
  readonly publish: Publish | undefined;
  readonly log: Logger;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export interface ManagedCertificate {
  readonly first: LoadedCertificate;
  /** @param onChange gets each later one */
  follow(onChange: (certificate: LoadedCertificate) => void): void;
  /** Looks at once. */
  look(): void;
  /**
   * PEM of the CAs to be trusted, by the Secret as it is now.
   * @throws KubernetesError
   */
  bundle(): Promise<string | undefined>;
  state(): RotationState;
  /** From now on nothing is mended: the replica is about to go, perhaps with all of the installation. */
  retire(): void;
  /** Takes the replica's note out of the Secret. To be called when it no longer serves. Never throws. */
  leave(): Promise<void>;
}

/**
 * Reads the Secret, or makes it. Waits for an API server that cannot be reached, until the signal is aborted.
 * @throws AppError `E_KUBERNETES_FORBIDDEN`, `E_KUBECONFIG` or `E_KUBERNETES` for what waiting does not mend, and
 * `E_CERTIFICATE_SECRET` for a Secret that is somebody else's
 */
export function openManagedCertificate(options: ManagedCertificateOptions): Promise<ManagedCertificate> {
  const { client, namespace, secret, log, clock } = options;
  const failing = new AbortController();
  const signal = AbortSignal.any([options.signal, failing.signal]);
  const record = createRotationRecord(`${namespace}/${secret}`, log, clock);
  const { promise, resolve, reject } = Promise.withResolvers<ManagedCertificate>();
  const fail = (error: AppError): void => {
    reject(error);
    failing.abort();
  };
  let latest: LoadedCertificate | undefined;
  let onChange: (certificate: LoadedCertificate) => void = () => {};
  const follow = (first: LoadedCertificate) => (listener: typeof onChange) => {
    onChange = listener;
    // It may have changed before anybody listened.
    if (latest !== undefined && latest !== first) listener(latest);
  };
  const events: RotationEvents = {
    ...record.events,
    onServe: (generation) => {
      const isFirst = latest === undefined;
      latest = generation;
      if (isFirst) resolve({ ...engine, first: generation, state: record.state, follow: follow(generation) });
      else onChange(generation);
    },
    onForeign: (by) => (latest !== undefined ? record.events.onForeign(by) : fail(foreignSecret(options, by))),
    onFailure: (error) =>
      latest !== undefined || error.failure === "fault" || isPassing(error)
        ? record.events.onFailure(error)
        : fail(accessError(options, error)),
  };
  const engine = startEngine({
    ...options,
    ...events,
    signal,
    store: createSecretStore(client, namespace, secret),
    template: newSecret(namespace, secret),
  });
  // Whoever waits for the first certificate is told that there will be none.
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
}
