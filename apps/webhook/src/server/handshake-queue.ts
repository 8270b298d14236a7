/**
 * New connections in the order in which they came. A TLS handshake takes more of the processor than an admission: many
 * at once would each take long, and all end too late. So each turn of the event loop begins a few, and what has waited
 * for longer than its client does is closed without one.
 */
import type { Socket } from "node:net";

export interface HandshakeQueueOptions {
  /** How long clients wait, in milliseconds. */
  readonly patience: () => number;
  /** One was closed without a handshake. */
  readonly onExpired: () => void;
}

export interface HandshakeQueue {
  /** Calls `proceed` when its turn has come: mostly at once. */
  readonly enter: (socket: Socket, proceed: () => void) => void;
  readonly waiting: () => number;
}

/** How many handshakes one turn of the event loop begins: 10 ms of work, with a P-256 key. */
const PER_TURN = 8;

interface Place {
  readonly socket: Socket;
  readonly proceed: () => void;
  /** Of `performance`, in milliseconds. */
  readonly since: number;
}

export function createHandshakeQueue({ patience, onExpired }: HandshakeQueueOptions): HandshakeQueue {
  const places = new Set<Place>();
  /** Handshakes that this turn has begun. */
  let begun = 0;
  let isTurning = false;

  const turn = (): void => {
    begun = 0;
    const now = performance.now();
    for (const place of places) {
      if (begun >= PER_TURN) break;
      places.delete(place);
      if (place.socket.destroyed) continue;
      if (now - place.since > patience()) {
        onExpired();
        place.socket.destroy();
      } else {
        begun++;
        place.proceed();
      }
    }
    isTurning = begun > 0;
    if (isTurning) setImmediate(turn);
  };
  return {
    enter: (socket, proceed) => {
      if (!isTurning) {
        isTurning = true;
        setImmediate(turn);
      }
      if (places.size === 0 && begun < PER_TURN) {
        begun++;
        proceed();
      } else places.add({ socket, proceed, since: performance.now() });
    },
    waiting: () => places.size,
  };
}
