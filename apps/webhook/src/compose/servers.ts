/** The two servers, connected with the parts that they use. */
import type { Server } from "node:net";

import { createAdmissionServer, serverLimits, type AdmissionServer } from "../server/admission-server.ts";
import { createHandshakeQueue } from "../server/handshake-queue.ts";
import { createOperationsServer } from "../server/operations-server.ts";
import type { Shed } from "../server/shed-order.ts";
import { closeUnreadAnswers } from "../server/unread-answers.ts";
import type { Port } from "../telemetry/metrics/overload-metrics.ts";
import { rateLimited } from "../telemetry/rate-limited.ts";
import type { DependencyContainer } from "./container.ts";
import type { ServingParts } from "./serving-parts.ts";
import { ACCEPTING, ADMISSION_QUEUE, ADMISSION_SERVER, LIFE, METRICS, PATIENCE, REVIEW_ENDPOINT } from "./tokens.ts";

/** The HTTPS server, with its queue of handshakes. */
export function admissionServerFrom(from: DependencyContainer, parts: ServingParts): AdmissionServer {
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

/** The server for probes and metrics. */
export function operationsServerFrom(from: DependencyContainer, parts: ServingParts): Server {
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
