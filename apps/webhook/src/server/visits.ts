/** What belongs to a request from its head to the moment at which its client has the answer, or has gone. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { ByteBudget } from "./byte-budget.ts";
import type { Connection, Connections } from "./connections.ts";
import type { TurnClock } from "./turn-clock.ts";

export interface VisitOptions {
  readonly clock: TurnClock;
  readonly budget: ByteBudget;
  /** Asked for when a request comes: the server itself is made after its listener. */
  readonly connections: () => Connections;
  /** Whether the process is on its way out, so that clients should connect anew, to another one. */
  readonly isDraining: () => boolean;
  /** A request came, or was done with. */
  readonly onInFlight: (change: 1 | -1) => void;
}

/** One request; only this file changes it. Times are those of `performance`, in milliseconds. */
export interface Visit {
  /** When its client may have sent it, at the earliest. */
  readonly arrived: number;
  /** When its head was read. */
  readonly began: number;
  /** The client has the whole answer, or has gone. */
  readonly isClosed: boolean;
}

export interface Visits {
  readonly begin: (request: IncomingMessage, response: ServerResponse) => Visit;
  /** So many bytes were taken from the budget for it, and are to be given back at its end. */
  readonly hold: (visit: Visit, bytes: number) => void;
  /** Asked just before the answer: tells the client to connect anew, where it is time for that. */
  readonly announceEnd: (visit: Visit, response: ServerResponse) => void;
  /** Nothing more is done for it. @param isReview a review was answered */
  readonly finish: (visit: Visit, isReview: boolean) => void;
}

/** A request that comes so soon after the handshake was on its way since before it, in milliseconds. */
const FOLLOWS = 1000;

interface Open extends Visit {
  readonly connection: Connection | undefined;
  isClosed: boolean;
  isFinished: boolean;
  isReview: boolean;
  held: number;
}

export function createVisits(options: VisitOptions): Visits {
  const { budget, isDraining } = options;
  const end = ({ held, connection, isReview }: Open): void => {
    if (held > 0) budget.give(held);
    if (connection !== undefined) options.connections().end(connection, isReview);
    options.onInFlight(-1);
  };
  return {
    begin: (request, response) => {
      const visit = openVisit(request, options);
      options.onInFlight(1);
      response.on("close", () => {
        visit.isClosed = true;
        if (visit.isFinished) end(visit);
      });
      return visit;
    },
    hold: (visit, bytes) => {
      (visit as Open).held += bytes;
    },
    announceEnd: (visit, response) => {
      const { connection } = visit as Open;
      // The drain may have begun while the admission was being answered.
      const isLast = isDraining() || (connection !== undefined && performance.now() > connection.retires);
      if (isLast) response.setHeader("Connection", "close");
    },
    finish: (visit, isReview) => {
      const ending = visit as Open;
      ending.isFinished = true;
      ending.isReview = isReview;
      if (ending.isClosed) end(ending);
      else if (ending.connection !== undefined) options.connections().answered(ending.connection);
    },
  };
}

function openVisit(request: IncomingMessage, { clock, connections }: VisitOptions): Open {
  const arrival = clock.arrival();
  const began = performance.now();
  const connection = connections().of(request.socket);
  if (connection !== undefined) connections().begin(connection, request, began);
  // A client that connected for this request has waited since then.
  const isFirst = connection?.served === 1 && began - connection.ready < FOLLOWS;
  const arrived = isFirst ? Math.min(arrival, connection.opened) : arrival;
  return { arrived, began, connection, isClosed: false, isFinished: false, isReview: false, held: 0 };
}
