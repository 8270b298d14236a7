/** What `serve` is made of beside the injectors: metrics, the review endpoint and the two servers. */
import type { Server } from "node:net";
import { instanceCachingFactory, type DependencyContainer, type InjectionToken } from "tsyringe";

import type { OperationsConfig, ServerConfig } from "../config/schema.ts";
import { createAdmissionServer, serverLimits, type AdmissionServer } from "../server/admission-server.ts";
import { createByteBudget } from "../server/byte-budget.ts";
import { allowClients } from "../server/client-names.ts";
import { createLife, type Life } from "../server/life.ts";
import { createOperationsServer } from "../server/operations-server.ts";
import { createReviewEndpoint, type ReviewEndpoint, type SettingsSource } from "../server/review-endpoint.ts";
import type { LoadedCertificate } from "../server/tls-policy.ts";
import type { Log } from "../telemetry/log.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import { recordAdmission } from "../telemetry/record-decisions.ts";
import { createContainer } from "./container.ts";
import type { Telemetry } from "./telemetry.ts";
import { ADMISSION_SERVER, BODY_BUDGET, LIFE, METRICS, OPERATIONS_SERVER, REVIEW_ENDPOINT } from "./tokens.ts";

/** What must be there before. */
export interface ServingParts {
  readonly version: string;
  readonly server: ServerConfig;
  readonly operations: OperationsConfig;
  /** PEM of the CAs whose certificates clients must present. */
  readonly clientCa?: string;
  readonly settings: SettingsSource;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly certificate: LoadedCertificate;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** The parts, connected; nothing listens yet. */
export interface Serving {
  readonly admissions: AdmissionServer;
  readonly operations: Server;
  readonly metrics: Metrics;
  readonly life: Life;
}

export function createServing(parts: ServingParts): Serving {
  const container = createContainer();
  const provide = <Part>(token: InjectionToken<Part>, create: Create<Part>): void => {
    // A factory runs on every resolve unless it is wrapped.
    container.register(token, { useFactory: instanceCachingFactory((from) => create(from, parts)) });
  };
  provide(BODY_BUDGET, () => createByteBudget(parts.server.maxBytesInFlight, parts.server.maxBodyBytes));
  provide(LIFE, createLife);
  provide(METRICS, metricsFrom);
  provide(REVIEW_ENDPOINT, endpointFrom);
  provide(ADMISSION_SERVER, admissionServerFrom);
  provide(OPERATIONS_SERVER, operationsServerFrom);
  return {
    admissions: container.resolve(ADMISSION_SERVER),
    operations: container.resolve(OPERATIONS_SERVER),
    metrics: container.resolve(METRICS),
    life: container.resolve(LIFE),
  };
}

type Create<Part> = (from: DependencyContainer, parts: ServingParts) => Part;

function metricsFrom(from: DependencyContainer, { version, log, telemetry }: ServingParts): Metrics {
  return createMetrics({
    version,
    bodyBytes: from.resolve(BODY_BUDGET).taken,
    droppedLogLines: log.dropped,
    spans: telemetry.spans,
    events: telemetry.events,
    // Asked for when it is scraped: the server itself needs the metrics.
    certificateExpires: () => from.resolve(ADMISSION_SERVER).expires(),
  });
}

function endpointFrom(from: DependencyContainer, parts: ServingParts): ReviewEndpoint {
  const { server, settings, log, telemetry } = parts;
  const metrics = from.resolve(METRICS);
  return createReviewEndpoint({
    paths: [server.path].flat(),
    maxBodyBytes: server.maxBodyBytes,
    budget: from.resolve(BODY_BUDGET),
    settings,
    isDraining: from.resolve(LIFE).isDraining,
    isAllowedClient: allowClients(server.clientNames),
    joinTrace: telemetry.joinTrace,
    onAdmission: (record) => {
      recordAdmission(record, log, metrics);
      telemetry.record(record);
    },
    onRejection: metrics.rejection,
    onInFlight: metrics.inFlight,
  });
}

function admissionServerFrom(
  from: DependencyContainer,
  { server, certificate, clientCa }: ServingParts,
): AdmissionServer {
  const endpoint = from.resolve(REVIEW_ENDPOINT);
  return createAdmissionServer({
    certificate,
    ...(clientCa === undefined ? {} : { clientCa }),
    limits: serverLimits(server),
    listener: (request, response) => void endpoint(request, response),
    onHandshakeError: from.resolve(METRICS).handshakeError,
  });
}

function operationsServerFrom(from: DependencyContainer, { clock }: ServingParts): Server {
  const life = from.resolve(LIFE);
  const admissions = from.resolve(ADMISSION_SERVER);
  return createOperationsServer({
    checks: [
      { name: "certificate", problem: () => (clock() < admissions.expires() ? undefined : "it has expired") },
      { name: "listening", problem: () => (life.isListening() ? undefined : "not yet") },
      { name: "draining", problem: () => (life.isDraining() ? "the process is stopping" : undefined) },
    ],
    metrics: from.resolve(METRICS).expose,
  });
}
