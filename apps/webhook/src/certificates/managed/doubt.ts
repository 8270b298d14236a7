/** When a replica does not replace what it finds wanting, since others may find it good. Pure. */
import { hasNames, isFull, isWithinDates, type CertificatePolicy } from "./generation.ts";
import type { Rotation } from "./rotation.ts";

/** Times the overlap that replicas are waited for that do not say that they have followed. */
export const PATIENCE = 4;

/**
 * Why nothing is done though something would have to be replaced. `clock`: by its dates, but the clock of this replica may
 * be wrong. `names`: it lacks a name, and so would another one with the names of all configurations.
 */
export type Doubt = "clock" | "names";

/** What of a replica's view it depends on. Times in milliseconds. */
export interface Doubter {
  readonly policy: CertificatePolicy & { readonly overlap: number };
  readonly now: number;
  /** Since this replica has seen this revision published. */
  readonly inPhase: number;
  /** Since this replica last staged a generation. */
  readonly sinceStaged?: number | undefined;
}

/**
 * Two replicas whose clocks are far apart find each other's generations outside their dates. So that they do not replace
 * them for ever, a next one is left to those who go on with it, and is replaced for its dates if nobody does and this
 * replica has staged none of late. A current one is replaced sooner: the one before is trusted for four overlaps only.
 * Replicas with different names find one with the names of both; where there are too many for one, each replaces it once
 * in four overlaps.
 */
export function doubtOf(
  { policy, now, inPhase, sinceStaged = Infinity }: Doubter,
  { current, next }: Rotation,
): Doubt | undefined {
  const patience = PATIENCE * policy.overlap;
  const unfit = next ?? current;
  if (!hasNames(unfit, policy)) return isFull(unfit) && sinceStaged < patience ? "names" : undefined;
  if (isWithinDates(unfit, now)) return undefined;
  const isLate =
    next === undefined ? sinceStaged >= patience : inPhase >= patience && sinceStaged >= policy.lifetime / 3;
  return isLate ? undefined : "clock";
}
