/** Clients that do not take their answer: it and the connection would stay for as long as they like. */
import type { AdmissionServer } from "./admission-server.ts";

/** How often it is looked at, in milliseconds. */
const INTERVAL = 1000;

/**
 * Closes connections whose client takes nothing for longer than so many milliseconds, until the server closes. It looks
 * at all of them from time to time: a timer for each answer would cost more than nearly all of them take.
 * @param onClosed called for each
 */
export function closeUnreadAnswers(
  { server, connections }: Pick<AdmissionServer, "server" | "connections">,
  limit: number,
  onClosed: () => void,
): void {
  const look = (): void => {
    for (let closed = connections.closeUnread(limit); closed > 0; closed--) onClosed();
  };
  const timer = setInterval(look, Math.min(INTERVAL, limit)).unref();
  server.once("close", () => clearInterval(timer));
}
