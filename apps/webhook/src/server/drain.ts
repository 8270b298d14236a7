/**
 * Leaving without losing an admission. The cluster goes on sending to a pod for a while after it was told to
 * stop, and the API server does not repeat a call whose connection broke. So the server goes on accepting and
 * lets each answer close its connection; only then does it stop to listen.
 */
import type { Server, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Times in milliseconds. */
export interface DrainOptions {
  /** How long to go on accepting, while the cluster learns that this process is leaving. */
  readonly accept: number;
  /** How long to wait after that for what is still being answered. */
  readonly finish: number;
  /** Cuts all waiting short. */
  readonly hurry: AbortSignal;
}

/** How it ended: `idle` when all was answered, `cut` when connections had to be closed on somebody. */
export type Drained = "idle" | "cut";

/**
 * Prepares a server to be drained; its answers must say `Connection: close` from then on.
 * @param closeWaiting closes the connections that wait for their client, which Node does only for those that have asked
 * before; it gets for how many milliseconds a client may be sending a request
 * @returns drains it
 */
export function drainable(
  server: Server,
  closeWaiting?: (limit: number) => void,
): (options: DrainOptions) => Promise<Drained> {
  // Node knows those with a request only, not those that are still shaking hands.
  const connections = new Set<Socket>();
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  return async ({ accept, finish, hurry }) => {
    await pause(accept, hurry);
    const closed = new Promise<void>((resolve) => {
      // An HTTP server closes idle connections at once, and each of the others after its answer.
      server.close(() => resolve());
    });
    // What was on its way has come by then.
    const late = setInterval(() => closeWaiting?.(SENDING), SENDING);
    const isClosed = (await isClosedWithin(closed, finish, hurry)) || (await isClosedWithin(closed, CLOSING, NEVER));
    clearInterval(late);
    const outcome = isClosed || connections.size === 0 ? "idle" : "cut";
    for (const socket of connections) socket.destroy();
    await closed;
    return outcome;
  };
}

/** Whoever has sent nothing more for so long, in milliseconds, waits for nothing that is lost when it is closed. */
const SENDING = 1000;
/** Idle connections are told to close at once, and are gone a moment later, in milliseconds. */
const CLOSING = 50;
const NEVER = new AbortController().signal;

async function isClosedWithin(closed: Promise<void>, milliseconds: number, hurry: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const timeIsUp = pause(milliseconds, AbortSignal.any([hurry, over.signal])).then(() => false);
  const isClosed = await Promise.race([closed.then(() => true), timeIsUp]);
  over.abort();
  return isClosed;
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch {
    // Aborted: the wait is over either way.
  }
}
