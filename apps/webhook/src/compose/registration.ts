/** What `registration:` of the config asks for, in the life of a process that serves. */
import { join } from "node:path";
import { quoted } from "@pod-secrets/core";

import type { Config } from "../config/schema.ts";
import { caBundleSource, type CaBundleSource } from "../config/schema/sections-together.ts";
import { AppError } from "../errors.ts";
import type { KubernetesConnection } from "../kubernetes/open-client.ts";
import type { Registrar } from "../registration/registrar.ts";
import type { RegistrationMetrics } from "../registration/registration-status.ts";
import type { Log } from "../telemetry/log.ts";
import { NoAnswer, within } from "./time-limit.ts";

export interface Registration {
  /** Whose CA it holds. */
  readonly source: CaBundleSource;
  /** Gives the CAs that the API server is to trust; what is given before the start waits for it. */
  readonly publish: Registrar["publish"];
  /** Why the webhook is not registered yet. */
  readonly problem: () => string | undefined;
  /**
   * Registers, and from then on keeps it so. Resolves when it is registered.
   * @throws AppError when it cannot be, whatever time passes
   */
  start(parts: StartParts): Promise<void>;
  /** Publishes a CA that has changed with the files of the certificate, before that is served; within 10 s. */
  followFiles(): Promise<void>;
}

export interface RegistrationParts {
  readonly connect: () => Promise<KubernetesConnection>;
  readonly log: Log;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export interface StartParts {
  readonly metrics: RegistrationMetrics;
  /** PEM of the CAs of the certificate, as they are now. */
  readonly bundle: () => Promise<string | undefined>;
}

/** How long a certificate in files is kept back until its CA is published, in milliseconds. */
const PUBLISHED_WITHIN = 10_000;

/** @returns nothing when the webhook is not to register itself */
export function createRegistration(config: Config, parts: RegistrationParts): Registration | undefined {
  const { server, registration } = config;
  if (registration === undefined) return undefined;
  const { promise, resolve } = Promise.withResolvers<Registrar>();
  let registrar: Registrar | undefined;
  let lookAtFiles: () => Promise<void> = async () => {};
  const publish: Registration["publish"] = async (bundle) => (await promise).publish(bundle);
  return {
    source: caBundleSource(config),
    publish,
    problem: () => (registrar === undefined ? "not registered yet" : registrar.problem()),
    start: async ({ metrics, bundle }) => {
      metrics.registrationHeld(false);
      const [{ client, namespace }, { startRegistrar }, { desiredRegistration }] = await Promise.all([
        parts.connect(),
        import("../registration/registrar.ts"),
        import("../registration/desired-registration.ts"),
      ]);
      const desired = desiredRegistration({ server, registration }, namespace);
      const shared = desired.caBundle === "managed" ? { currentBundle: bundle } : {};
      registrar = startRegistrar({ ...parts, ...shared, client, desired, metrics });
      resolve(registrar);
      if (desired.caBundle === "file") lookAtFiles = await publishFiles(config, bundle, publish, parts);
      await registrar.registered;
    },
    followFiles: () => untilPublished(lookAtFiles),
  };
}

/** A certificate whose CA cannot be published is served all the same: the one before it may be about to expire. */
async function untilPublished(look: () => Promise<void>): Promise<void> {
  try {
    await within(PUBLISHED_WITHIN, look);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
  }
}

async function publishFiles(
  { server }: Config,
  read: StartParts["bundle"],
  publish: Registration["publish"],
  { log, signal }: RegistrationParts,
): Promise<() => Promise<void>> {
  const first = await read();
  if (first === undefined) {
    const { certificates } = server;
    const file = typeof certificates === "string" ? join(certificates, "ca.crt") : "ca.crt";
    throw new AppError(
      "E_CERTIFICATE",
      `${quoted(file, 200)}, whose CA is to be registered, is not there or holds no certificate of a CA`,
      "Put the CA's certificate there, or set `registration.caBundle: none` when another controller writes the bundle.",
    );
  }
  const { followFileBundle } = await import("../registration/file-bundle.ts");
  return followFileBundle(first, { read, publish, log, signal });
}
