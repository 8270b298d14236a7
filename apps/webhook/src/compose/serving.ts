/** What `serve` is made of beside the injectors: metrics, the review endpoint and the two servers. */
import type { Server } from "node:net";
import { instanceCachingFactory, type DependencyContainer, type InjectionToken } from "tsyringe";

import { describeFault } from "../faults.ts";
import type { LoadedCertificate } from "../certificates/certificate.ts";
import type { RotationState } from "../certificates/managed/rotation-record.ts";
import type { OperationsConfig } from "../config/schema/operations.ts";
import type { ServerConfig } from "../config/schema/server.ts";
import { createAccepting } from "../server/accepting.ts";
import { createPatience } from "../server/admission-deadline.ts";
import { createAdmissionServer, serverLimits, type AdmissionServer } from "../server/admission-server.ts";
import { createAdmissionQueue } from "../server/admission-queue.ts";
import { createByteBudget } from "../server/byte-budget.ts";
import { allowClients } from "../server/client-names.ts";
import type { Connections } from "../server/connections.ts";
import { createHandshakeQueue } from "../server/handshake-queue.ts";
import { createLife, type Life } from "../server/life.ts";
import { createOperationsServer, type ReadinessCheck } from "../server/operations-server.ts";
import { createReviewEndpoint, type ReviewEndpoint, type SettingsSource } from "../server/review-endpoint.ts";
import type { Shed } from "../server/shed-order.ts";
import { createTurnClock } from "../server/turn-clock.ts";
import { closeUnreadAnswers } from "../server/unread-answers.ts";
import { createVisits, type Visits } from "../server/visits.ts";
import type { InjectorEvents } from "../telemetry/injector-events.ts";
import type { Log } from "../telemetry/log.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import type { Port } from "../telemetry/metrics/overload-metrics.ts";
import { rateLimited } from "../telemetry/rate-limited.ts";
import { recordAdmission } from "../telemetry/record-decisions.ts";
import { createContainer } from "./container.ts";
import type { Telemetry } from "./telemetry.ts";
import {
  ACCEPTING,
  ADMISSION_QUEUE,
  ADMISSION_SERVER,
  BODY_BUDGET,
  LIFE,
  METRICS,
  OPERATIONS_SERVER,
  PATIENCE,
  REVIEW_ENDPOINT,
  TURN_CLOCK,
  VISITS,
} from "./tokens.ts";

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
  /** Where its rotation stands; nothing where it is not managed. */
  readonly rotation?: (() => RotationState) | undefined;
  readonly injectorEvents?: InjectorEvents;
  /** What must hold beside the parts here. */
  readonly checks?: readonly ReadinessCheck[];
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
  provide(ACCEPTING, createAccepting);
  provide(TURN_CLOCK, createTurnClock);
  provide(PATIENCE, () => createPatience(() => performance.now()));
  provide(ADMISSION_QUEUE, (from) => createAdmissionQueue(from.resolve(TURN_CLOCK), from.resolve(ACCEPTING)));
  provide(VISITS, visitsFrom);
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

function metricsFrom(from: DependencyContainer, parts: ServingParts): Metrics {
  const { version, log, telemetry, rotation, injectorEvents } = parts;
  return createMetrics({
    version,
    rotation,
    injectorEvents: injectorEvents?.list,
    bodyBytes: from.resolve(BODY_BUDGET).taken,
    waiting: from.resolve(ADMISSION_QUEUE).waiting,
    droppedLogLines: log.dropped,
    spans: telemetry.spans,
    events: telemetry.events,
    // Asked for when it is scraped: the server itself needs the metrics.
    certificateExpires: () => from.resolve(ADMISSION_SERVER).expires(),
  });
}

function endpointFrom(from: DependencyContainer, { server, settings, log, telemetry }: ServingParts): ReviewEndpoint {
  const metrics = from.resolve(METRICS);
  return createReviewEndpoint({
    paths: [server.path].flat(),
    maxBodyBytes: server.maxBodyBytes,
    budget: from.resolve(BODY_BUDGET),
    queue: from.resolve(ADMISSION_QUEUE),
    patience: from.resolve(PATIENCE),
    visits: from.resolve(VISITS),
    settings,
    isAllowedClient: allowClients(server.clientNames),
    joinTrace: telemetry.joinTrace,
    onAdmission: (record) => {
      recordAdmission(record, log, metrics);
      telemetry.record(record);
    },
    onRejection: metrics.rejection,
    onOverload: metrics.overload,
    onFault: (fault) => log.error("a request could not be handled", { ...describeFault(fault) }),
  });
}

function visitsFrom(from: DependencyContainer): Visits {
  // The server is made of its listener, which makes visits: it is there when the first request comes.
  let connections: Connections | undefined;
  return createVisits({
    clock: from.resolve(TURN_CLOCK),
    budget: from.resolve(BODY_BUDGET),
    connections: () => (connections ??= from.resolve(ADMISSION_SERVER).connections),
    isDraining: from.resolve(LIFE).isDraining,
    onInFlight: from.resolve(METRICS).inFlight,
  });
}

function admissionServerFrom(from: DependencyContainer, parts: ServingParts): AdmissionServer {
  const { server, certificate, clientCa, log, clock } = parts;
  const metrics = from.resolve(METRICS);
  const endpoint = from.resolve(REVIEW_ENDPOINT);
  const shed = shedding("server", from, parts);
  const handshakes = createHandshakeQueue({
    accepting: from.resolve(ACCEPTING),
    patience: from.resolve(PATIENCE).current,
    oldestAdmission: from.resolve(ADMISSION_QUEUE).oldest,
    onExpired: () => shed("expired"),
  });
  const created = createAdmissionServer({
    certificate,
    ...(clientCa === undefined ? {} : { clientCa }),
    limits: serverLimits(server),
    connections: {
      max: server.maxConnections,
      ...(server.connectionSeconds === 0 ? {} : { maxAge: server.connectionSeconds * 1000 }),
      onShed: shed,
      before: handshakes,
    },
    listener: (request, response) => void endpoint(request, response),
    onHandshakeError: metrics.handshakeError,
  });
  const warn = rateLimited(log, "connections were closed whose clients did not take their answers", clock);
  closeUnreadAnswers(created, server.answerSeconds * 1000, () => {
    metrics.shed("server", "unread");
    warn();
  });
  return created;
}

/** Counts connections that had to go, and logs it now and then. */
function shedding(
  port: Port,
  from: DependencyContainer,
  { log, clock }: ServingParts,
): (reason: Shed | "expired") => void {
  const metrics = from.resolve(METRICS);
  const warn = rateLimited(log, `too many connections on the port of ${port}: some were closed`, clock);
  return (reason) => {
    metrics.shed(port, reason);
    warn();
  };
}

function operationsServerFrom(from: DependencyContainer, parts: ServingParts): Server {
  const { clock, checks = [] } = parts;
  const life = from.resolve(LIFE);
  const admissions = from.resolve(ADMISSION_SERVER);
  return createOperationsServer({
    checks: [
      { name: "certificate", problem: () => (clock() < admissions.expires() ? undefined : "it has expired") },
      { name: "listening", problem: () => (life.isListening() ? undefined : "not yet") },
      { name: "draining", problem: () => (life.isDraining() ? "the process is stopping" : undefined) },
      ...checks,
    ],
    metrics: from.resolve(METRICS).expose,
    onShed: shedding("operations", from, parts),
  });
}
