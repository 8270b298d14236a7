/** Whether a login is refused since the clocks differ: tokens hold for some minutes only. */
import type { HttpResponse } from "../http.ts";

/** Servers allow for less. */
const TOLERATED_SKEW = 180_000;

/**
 * @param now milliseconds since 1970, by the node's clock
 * @returns whole minutes between the server's clock and the node's; undefined when they are as good as one
 */
export function minutesOfSkew({ headers }: HttpResponse, now: number): number | undefined {
  const skew = Math.abs(Date.parse(headers["date"] ?? "") - now);
  return skew > TOLERATED_SKEW ? Math.round(skew / 60_000) : undefined;
}
