/** `pod-secrets serve`: config -> composition -> certificate -> listen, and later a clean end. */
import manifest from "../../../../package.json" with { type: "json" };
import { managedSource } from "../../../certificates/managed/managed-source.ts";
import { openCertificate, openClientCa, type CertificateSource } from "../../../certificates/open-certificate.ts";
import type { ServingCertificate } from "../../../certificates/serving-certificate.ts";
import { ofFailedStart } from "../../../compose/failed-start.ts";
import { followChanges, type FollowedConfig } from "../../../compose/follow-changes.ts";
import { composeFile } from "../../../compose/from-file.ts";
import { createLiveComposition, type LiveComposition } from "../../../compose/live-composition.ts";
import { createRegistration, type Registration } from "../../../compose/registration.ts";
import { createServing } from "../../../compose/serving.ts";
import { openTelemetry, type Telemetry } from "../../../compose/telemetry.ts";
import { formatProblem } from "../../../config/problems.ts";
import type { Config } from "../../../config/schema.ts";
import type { ManagedCertificatesConfig } from "../../../config/schema/certificates.ts";
import type { KubernetesConnection } from "../../../kubernetes/open-client.ts";
import { sharedConnection } from "../../../kubernetes/shared-connection.ts";
import { collectStartGarbage } from "../../../server/start-garbage.ts";
import { serveUntilStopped, type Served } from "../../../server/serve-until-stopped.ts";
import { listenToSignals, type ProcessSignals } from "../../../server/stop-signals.ts";
import { watchStrayErrors } from "../../../server/stray-errors.ts";
import { whileOpening } from "../../../server/waiting-start.ts";
import { createInjectorEvents, type InjectorEvents } from "../../../telemetry/injector-events.ts";
import { openLog, type Log, type LogLevel, type LogLineFields } from "../../../telemetry/log.ts";
import type { Invocation } from "../../command.ts";
import type { ExitCodeName } from "../../exit-codes.ts";
import { certificateSource, checkServeFlags, clientCaFile, configOverrides, withServeFlags } from "./serve-flags.ts";
import { say, type Streams } from "../../streams.ts";

/**
 * Serves until a signal says to stop.
 * @throws AppError when it cannot start
 */
export async function run(invocation: Invocation, streams: Streams): Promise<ExitCodeName> {
  checkServeFlags(invocation);
  const log = openLog((invocation.value("log-level") as LogLevel | undefined) ?? "info");
  const errors = watchStrayErrors(log);
  try {
    const injectorEvents = createInjectorEvents();
    const lent = { count: injectorEvents.count };
    const composed = await composeFile(invocation.value("config"), log, configOverrides(invocation), lent);
    if (!composed.ok) {
      for (const problem of [...composed.warnings, ...composed.problems]) say(streams, formatProblem(problem));
      return "misuse";
    }
    const config = withServeFlags(composed.config, invocation);
    log.setLevel(config.log.level);
    for (const warning of composed.warnings) log.warn(formatProblem(warning), { code: warning.code });
    const live = createLiveComposition(composed.composition);
    try {
      const parts = { config, fromFile: composed.config, live, log, injectorEvents, invocation };
      const served = await serve({ ...parts, failure: errors.first });
      return served === "failed" ? "internal" : "done";
    } finally {
      await live.close();
    }
  } finally {
    await log.close();
    errors.release();
  }
}

interface Composed {
  /** With what the flags say. */
  readonly config: Config;
  /** Without. */
  readonly fromFile: Config;
  readonly live: LiveComposition;
  readonly log: Log;
  /** What injectors counted. */
  readonly injectorEvents: InjectorEvents;
  readonly invocation: Invocation;
  /** Resolves with the first error that nobody waited for. */
  readonly failure: Promise<void>;
}

async function serve(composed: Composed): Promise<Served> {
  const { config, log, invocation } = composed;
  const clientCa = await openClientCa(clientCaFile(config));
  const watching = new AbortController();
  const connect = sharedConnection(config, watching.signal);
  const cluster = { connect, log, signal: watching.signal, clock: Date.now };
  const leaving = new AbortController();
  const registration = createRegistration(config, {
    ...cluster,
    signal: AbortSignal.any([watching.signal, leaving.signal]),
  });
  const publish = registration?.source === "managed" ? registration.publish : undefined;
  const managed = (settings: ManagedCertificatesConfig): CertificateSource =>
    managedSource(settings, config, { ...cluster, publish });
  const called = { host: () => registration?.host(), byCaFile: registration?.source === "file" };
  const source = certificateSource(config, invocation, managed, called);
  let onHangup = (): void => {};
  const signals = listenToSignals(() => onHangup());
  // A replica that is about to go mends nothing that may be taken away along with it.
  void signals.stop.then(() => leaving.abort());
  try {
    const certificate = await whileOpening(openCertificate(source, Date.now()), {
      operations: config.operations,
      signals,
      log,
      waitsFor: { name: "certificate", problem: "its Secret cannot be read yet" },
    });
    if (certificate === undefined) return "stopped";
    const hear = (listener: () => void): void => void (onHangup = listener);
    return await serveWith(certificate, composed, { clientCa, watching, connect, registration, signals, hear });
  } catch (error) {
    throw await ofFailedStart(error, config);
  } finally {
    watching.abort();
    signals.release();
  }
}

/** What was opened before. */
interface Opened {
  /** PEM of the CAs whose certificates clients must present. */
  readonly clientCa: string | undefined;
  /** Ends what looks for changes. */
  readonly watching: AbortController;
  readonly connect: () => Promise<KubernetesConnection>;
  readonly registration: Registration | undefined;
  readonly signals: ProcessSignals;
  /** Takes what is done when a signal says to read all files again. */
  readonly hear: (listener: () => void) => void;
}

async function serveWith(certificate: ServingCertificate, composed: Composed, opened: Opened): Promise<Served> {
  const { config, live, log } = composed;
  const { server, operations } = config;
  const { clientCa, watching, connect, registration, signals } = opened;
  const parts = { version: manifest.version, server, operations, log, clock: Date.now };
  const telemetry = openServingTelemetry(config, log, watching.signal, connect);
  const serving = createServing({
    ...parts,
    telemetry,
    settings: (admission) => live.use(admission),
    ...(clientCa === undefined ? {} : { clientCa }),
    certificate: certificate.first,
    rotation: certificate.rotation,
    injectorEvents: composed.injectorEvents,
    checks: registration === undefined ? [] : [{ name: "registration", problem: registration.problem }],
  });
  const followed = { live, certificate, registration, serving, log, signal: watching.signal };
  opened.hear(followChanges({ ...followed, config: followedConfig(composed) }));
  void signals.stop.then(() => certificate.retire());
  try {
    const served = await serveUntilStopped({
      admissions: { ...serving.admissions, config: server },
      operations: { server: serving.operations, config: operations },
      life: serving.life,
      signals,
      failure: composed.failure,
      log,
      about: about(config, live),
      begin: async () => {
        await registration?.start({ metrics: serving.metrics, certificate });
        collectStartGarbage();
      },
    });
    log.info("stopped");
    return served;
  } finally {
    await certificate.close();
    watching.abort();
    await telemetry.close();
  }
}

function followedConfig({ invocation, fromFile, injectorEvents }: Composed): FollowedConfig {
  const lent = { count: injectorEvents.count };
  return { file: invocation.value("config"), overrides: configOverrides(invocation), started: fromFile, lent };
}

/** @param signal aborted when no admission will come any more */
function openServingTelemetry(
  { telemetry }: Config,
  log: Log,
  signal: AbortSignal,
  connect: () => Promise<KubernetesConnection>,
): Telemetry {
  return openTelemetry(telemetry, {
    version: manifest.version,
    log,
    clock: Date.now,
    signal,
    connect: async () => (await connect()).client,
  });
}

/** What a reader of the log wants to know of a process that has just started. */
function about({ profile, onFailure }: Config, live: LiveComposition): LogLineFields {
  const managers = live.current().injectors.map(({ name }) => name);
  return { version: manifest.version, node: process.versions.node, profile, onFailure, managers };
}
