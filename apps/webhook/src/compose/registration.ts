/** What `registration:` of the config asks for, in the life of a process that serves. */
import { join } from "node:path";
import { quoted } from "@pod-secrets/core";

import { calledHost } from "../certificates/called-host.ts";
import type { ServingCertificate } from "../certificates/serving-certificate.ts";
import type { Config } from "../config/schema.ts";
import { caBundleSource, type CaBundleSource } from "../config/schema/sections-together.ts";
import { AppError } from "../errors.ts";
import type { KubernetesClient } from "../kubernetes/kubernetes-client.ts";
import type { KubernetesConnection } from "../kubernetes/open-client.ts";
import type { RegisteredConfig } from "../registration/desired-registration.ts";
import type { Registrar } from "../registration/registrar.ts";
import type { RegistrationMetrics } from "../registration/registration-status.ts";
import type { Log } from "../telemetry/log.ts";
import { NoAnswer, within } from "./time-limit.ts";

export interface Registration {
  /** Whose CA it holds. */
  readonly source: CaBundleSource;
  /** Gives the CAs that the API server is to trust; what is given before the start waits for it. */
  readonly publish: Registrar["publish"];
  /** By which the API server is to call; nothing before that is known. */
  readonly host: () => string | undefined;
  /** Why the webhook is not registered yet. */
  readonly problem: () => string | undefined;
  /**
   * Registers, and from then on keeps it so; nothing is written while the certificate is for another name than that by
   * which the API server would call. Resolves when it is registered.
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
  readonly certificate: Pick<ServingCertificate, "fits" | "bundle">;
}

/** How long a certificate in files is kept back until its CA is published, in milliseconds. */
const PUBLISHED_WITHIN = 10_000;

/** @returns nothing when the webhook is not to register itself */
export function createRegistration(config: Config, parts: RegistrationParts): Registration | undefined {
  const { registration } = config;
  if (registration === undefined) return undefined;
  const { promise, resolve } = Promise.withResolvers<Registrar>();
  // While the certificate is awaited, there is nothing else to do. A failure is thrown again where it is needed.
  loadRegistrar().catch(() => {});
  let registrar: Registrar | undefined;
  let lookAtFiles: () => Promise<void> = async () => {};
  let host: string | undefined;
  let problem = "not registered yet";
  const publish: Registration["publish"] = async (bundle) => (await promise).publish(bundle);
  return {
    source: caBundleSource(config),
    publish,
    host: () => host,
    problem: () => (registrar === undefined ? problem : registrar.problem()),
    start: async ({ metrics, certificate }) => {
      metrics.registrationHeld(false);
      const { client, namespace } = await parts.connect();
      host = calledHost(registration, namespace);
      await certificate.fits(({ message, fix }) => {
        problem = message;
        parts.log.error(`E_CERTIFICATE: ${message}; nothing is registered. Fix: ${fix}`, { code: "E_CERTIFICATE" });
      });
      const bundle = (): Promise<string | undefined> => certificate.bundle();
      registrar = await openRegistrar({ ...config, registration }, namespace, { ...parts, client, metrics, bundle });
      resolve(registrar);
      if (caBundleSource(config) === "file") lookAtFiles = await publishFiles(config, bundle, publish, parts);
      await registrar.registered;
    },
    followFiles: () => untilPublished(lookAtFiles),
  };
}

interface RegistrarParts extends RegistrationParts, Pick<StartParts, "metrics"> {
  readonly client: KubernetesClient;
  /** PEM of the CAs of the certificate, as they are now. */
  readonly bundle: ServingCertificate["bundle"];
}

async function openRegistrar(
  config: RegisteredConfig,
  namespace: string,
  { bundle, ...parts }: RegistrarParts,
): Promise<Registrar> {
  const [{ startRegistrar }, { desiredRegistration }] = await loadRegistrar();
  const desired = desiredRegistration(config, namespace);
  const shared = desired.caBundle === "managed" ? { currentBundle: bundle } : {};
  return startRegistrar({ ...parts, ...shared, desired });
}

function loadRegistrar() {
  return Promise.all([import("../registration/registrar.ts"), import("../registration/desired-registration.ts")]);
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
  read: ServingCertificate["bundle"],
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
