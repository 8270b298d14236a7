/**
 * New connections in the order in which they came. A TLS handshake takes more of the processor than an admission, and
 * is for nothing when the admission then comes too late. So handshakes and admissions are one queue: none is begun
 * before an admission that came earlier; and what has waited for nearly as long as its client does is closed without.
 */
import type { Socket } from "node:net";

import type { Accepting } from "./accepting.ts";

export interface HandshakeQueueOptions {
  readonly accepting: Accepting;
  /** How long clients wait for their answer, in milliseconds. */
  readonly patience: () => number;
  /** Since when the first of the admissions waits, of `performance`, in milliseconds; infinite when none does. */
  readonly oldestAdmission: () => number;
  /** One was closed without a handshake. */
  readonly onExpired: () => void;
}

/** Calls `proceed` when the turn of a new connection has come: mostly at once. */
export type HandshakeQueue = (socket: Socket, proceed: () => void) => void;

/** How many handshakes one turn of the event loop begins: 10 ms of work, with a P-256 key. */
const PER_TURN = 8;
/** What of the clients' patience must be left for handshake and admission, which then come next, in milliseconds. */
const LEFT = 500;

interface Place {
  readonly socket: Socket;
  readonly proceed: () => void;
  /** Of `performance`, in milliseconds. */
  readonly since: number;
}

export function createHandshakeQueue(options: HandshakeQueueOptions): HandshakeQueue {
  const { accepting, patience, oldestAdmission, onExpired } = options;
  const mayAcceptMore = accepting.patience();
  const places = new Set<Place>();
  /** Handshakes that this turn has begun. */
  let begun = 0;
  let isTurning = false;

  const mayBegin = (since: number): boolean => begun < PER_TURN && since <= oldestAdmission();
  const begin = (place: Place): void => {
    begun++;
    place.proceed();
  };
  const turn = (): void => {
    const isAccepting = places.size > 0 && mayAcceptMore();
    if (!isAccepting) work();
    isTurning = isAccepting || begun > 0 || places.size > 0;
    if (isTurning) setImmediate(turn);
  };
  const work = (): void => {
    begun = 0;
    const earliest = performance.now() - Math.max(patience() - LEFT, patience() / 2);
    for (const place of places) {
      const isExpired = place.since < earliest;
      if (!isExpired && !mayBegin(place.since)) break;
      places.delete(place);
      if (place.socket.destroyed) continue;
      if (!isExpired) begin(place);
      else {
        onExpired();
        place.socket.destroy();
      }
    }
  };
  return (socket, proceed) => {
    accepting.note();
    if (!isTurning) setImmediate(turn);
    isTurning = true;
    const place = { socket, proceed, since: performance.now() };
    if (places.size === 0 && mayBegin(place.since)) begin(place);
    else places.add(place);
  };
}
