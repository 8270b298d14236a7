/** What `serve` is made of beside the injectors: metrics, the review endpoint and the two servers. */
import type { Server } from "node:net";
import type { InjectionToken } from "tsyringe";

import { describeFault } from "../faults.ts";
import { createAccepting } from "../server/accepting.ts";
import { createPatience } from "../server/admission-deadline.ts";
import type { AdmissionServer } from "../server/admission-server.ts";
import { createAdmissionQueue } from "../server/admission-queue.ts";
import { createByteBudget } from "../server/byte-budget.ts";
import { allowClients } from "../server/client-names.ts";
import type { Connections } from "../server/connections.ts";
import { createLife, type Life } from "../server/life.ts";
import { createReviewEndpoint, type ReviewEndpoint } from "../server/review-endpoint.ts";
import { createTurnClock } from "../server/turn-clock.ts";
import { createVisits, type Visits } from "../server/visits.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import { recordAdmission } from "../telemetry/record-decisions.ts";
import { createContainer, provide, type DependencyContainer } from "./container.ts";
import { admissionServerFrom, operationsServerFrom } from "./servers.ts";
import type { ServingParts } from "./serving-parts.ts";
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

/** The parts, connected; nothing listens yet. */
export interface Serving {
  readonly admissions: AdmissionServer;
  readonly operations: Server;
  readonly metrics: Metrics;
  readonly life: Life;
}

export function createServing(parts: ServingParts): Serving {
  const container = createContainer();
  const add = <Part>(token: InjectionToken<Part>, create: Create<Part>): void =>
    provide(container, token, (from) => create(from, parts));
  add(BODY_BUDGET, () => createByteBudget(parts.server.maxBytesInFlight, parts.server.maxBodyBytes));
  add(ACCEPTING, createAccepting);
  add(TURN_CLOCK, createTurnClock);
  add(PATIENCE, () => createPatience(() => performance.now()));
  add(ADMISSION_QUEUE, (from) => createAdmissionQueue(from.resolve(TURN_CLOCK), from.resolve(ACCEPTING)));
  add(VISITS, visitsFrom);
  add(LIFE, createLife);
  add(METRICS, metricsFrom);
  add(REVIEW_ENDPOINT, endpointFrom);
  add(ADMISSION_SERVER, admissionServerFrom);
  add(OPERATIONS_SERVER, operationsServerFrom);
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
