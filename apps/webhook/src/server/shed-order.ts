/**
 * Which connection is closed for another one when a server has too many. Those that wait for their client are in this
 * order, each kind the longest first: strangers that rest, strangers whose request is still coming, trusted ones that
 * rest, trusted ones whose request is still coming. One whose request was read and is being answered never goes.
 */

/** What had to go: one that rested, one whose request was incomplete, or the new one when there was neither. */
export type Shed = "idle" | "incomplete" | "new";

/** A connection, as far as its place depends on it. Times are those of `performance`, in milliseconds. */
export interface Sheddable {
  /** It has asked for what the server is there for, and was answered. Anything else is a stranger. */
  readonly isTrusted: boolean;
  /** Requests that came, and are not done with. */
  readonly requests: number;
  /** Answers to them that were handed over. */
  readonly answers: number;
  /** The last of the requests: HTTP sends one after the other, so that the others are complete. */
  readonly request: { readonly complete: boolean } | undefined;
  /** When the head of that one was read. */
  readonly began: number;
}

export interface ShedOrder<Connection extends Sheddable> {
  /** It has no request any more. */
  readonly rest: (connection: Connection) => void;
  /** The head of a request was read. */
  readonly receive: (connection: Connection) => void;
  /** It has ended, or is about to be trusted: its place is among others then. */
  readonly remove: (connection: Connection) => void;
  /** Takes out the first to go; none when all are being answered. */
  readonly shift: (now: number) => { readonly connection: Connection; readonly shed: Shed } | undefined;
}

/**
 * For so long a trusted connection may be sending its request, in milliseconds. An API server sends body and head at
 * once, and does not repeat a call whose connection broke; whoever takes longer is not one, or cannot be reached.
 */
const SENDING = 1000;

interface Kind<Connection> {
  readonly resting: Set<Connection>;
  /** A request has come on them. Whether it is complete by now is looked at when it matters. */
  readonly receiving: Set<Connection>;
}

export function createShedOrder<Connection extends Sheddable>(): ShedOrder<Connection> {
  const strangers: Kind<Connection> = { resting: new Set(), receiving: new Set() };
  const trusted: Kind<Connection> = { resting: new Set(), receiving: new Set() };
  const kindOf = ({ isTrusted }: Connection): Kind<Connection> => (isTrusted ? trusted : strangers);
  const remove = (connection: Connection): void => {
    const { resting, receiving } = kindOf(connection);
    resting.delete(connection);
    receiving.delete(connection);
  };
  return {
    remove,
    rest: (connection) => {
      const { resting, receiving } = kindOf(connection);
      receiving.delete(connection);
      resting.add(connection);
    },
    receive: (connection) => {
      const { resting, receiving } = kindOf(connection);
      resting.delete(connection);
      // Its place is behind the others, also when it had one.
      receiving.delete(connection);
      receiving.add(connection);
    },
    shift: (now) => {
      for (const { resting, receiving, latest } of [
        { ...strangers, latest: now },
        { ...trusted, latest: now - SENDING },
      ]) {
        const [idle] = resting;
        const connection = idle ?? firstIncomplete(receiving, latest);
        if (connection === undefined) continue;
        remove(connection);
        return { connection, shed: idle === undefined ? "incomplete" : "idle" };
      }
      return undefined;
    },
  };
}

/** @param latest when its request has begun at the latest */
function firstIncomplete<Connection extends Sheddable>(
  receiving: Set<Connection>,
  latest: number,
): Connection | undefined {
  for (const connection of receiving) {
    if (connection.began > latest) return undefined;
    if (connection.request?.complete !== false) receiving.delete(connection);
    else if (isIncomplete(connection)) return connection;
  }
  return undefined;
}

/** It waits for the rest of a request, and for nothing else: no earlier one is still being answered. */
export function isIncomplete({ request, requests, answers }: Sheddable): boolean {
  return request?.complete === false && requests - answers <= 1;
}
