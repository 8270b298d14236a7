/**
 * What the replicas know together, and how it moves on. It is kept in one Secret, and each step replaces it only if
 * nobody else has been faster:
 *
 *     steady -> staged -> published -> swapped -> steady
 *
 * At every moment the bundle holds the CA of whatever a replica may be serving.
 */
import { writeBundle, type TrustedCa } from "../ca-bundle.ts";
import type { Generation } from "./generation.ts";

export interface Rotation {
  /** Goes up with each step. */
  readonly revision: number;
  /** What is served. */
  readonly current: Generation;
  /** What will be served, once all API servers trust its CA. */
  readonly next?: Generation;
  /** The next one's CA is in the registration. */
  readonly isPublished: boolean;
  /** CAs of what was served before; replicas may not all have followed yet. */
  readonly former: readonly TrustedCa[];
  /** By name of the replica. */
  readonly replicas: ReadonlyMap<string, ReplicaNote>;
}

/** What a replica says of itself. */
export interface ReplicaNote {
  /** Id of the generation that it serves. */
  readonly serves: string;
  /** When it said so, in milliseconds since 1970; for readers, and to tell old notes from new ones. */
  readonly at: number;
}

export const PHASES = ["steady", "staged", "published", "swapped"] as const;
export type Phase = (typeof PHASES)[number];

export function phaseOf({ next, isPublished, former }: Rotation): Phase {
  if (next !== undefined) return isPublished ? "published" : "staged";
  return former.length > 0 ? "swapped" : "steady";
}

/** PEM of all that is to be trusted. */
export function bundleOf(rotation: Rotation): string {
  return writeBundle(trustedBy(rotation));
}

/** Each once, and in an order that no step changes: a registration is not written for nothing. */
export function trustedBy({ current, next, former }: Rotation): readonly TrustedCa[] {
  const cas = [current.ca, ...(next === undefined ? [] : [next.ca]), ...former];
  const unique = [...new Map(cas.map((ca) => [ca.pem, ca])).values()];
  return unique.toSorted((a, b) => a.expires - b.expires || (a.pem < b.pem ? -1 : 1));
}

/** Former CAs that are kept at most: more come from steps that were forced one after the other. */
const MAX_FORMER = 2;

/**
 * A rotation from nothing. Its revision is the lowest: a replica that has seen more puts that back.
 * @param found CAs that somebody may still depend on
 */
export function begin(current: Generation, found: readonly TrustedCa[], now: number): Rotation {
  return { revision: 1, current, isPublished: false, former: kept(found, current, now), replicas: new Map() };
}

/** A new generation is there. Another one that was to come is forgotten: nobody serves it yet. */
export function stage(rotation: Rotation, next: Generation): Rotation {
  return { ...rotation, revision: rotation.revision + 1, next, isPublished: false };
}

/** The registration trusts the next generation. */
export function publish(rotation: Rotation): Rotation {
  return { ...rotation, revision: rotation.revision + 1, isPublished: true };
}

/** The next generation takes over. Without one, nothing changes. */
export function swap(rotation: Rotation, now: number): Rotation {
  const { next, ...rest } = rotation;
  if (next === undefined) return rotation;
  const former = kept([rotation.current.ca, ...rotation.former], next, now);
  return { ...rest, revision: rotation.revision + 1, current: next, isPublished: false, former };
}

/** What came before is no longer trusted. Replicas that have not followed are taken for gone. */
export function prune(rotation: Rotation): Rotation {
  const { current } = rotation;
  const followed = [...rotation.replicas].filter(([, { serves }]) => serves === current.id);
  return { ...rotation, revision: rotation.revision + 1, former: [], replicas: new Map(followed) };
}

function kept(cas: readonly TrustedCa[], current: Generation, now: number): readonly TrustedCa[] {
  return cas.filter(({ pem, expires }) => pem !== current.ca.pem && expires > now).slice(0, MAX_FORMER);
}

/** Notes that are kept at most. Replicas that still live write theirs again. */
const MAX_REPLICAS = 500;

/** With what a replica says of itself. No step of the rotation. */
export function note(rotation: Rotation, replica: string, serves: string, now: number): Rotation {
  const notes = [...rotation.replicas].filter(([name]) => name !== replica);
  const newest = notes.toSorted(([, a], [, b]) => b.at - a.at).slice(0, MAX_REPLICAS - 1);
  return { ...rotation, replicas: new Map([...newest, [replica, { serves, at: now }]]) };
}

/** Without a replica that leaves. No step of the rotation. */
export function leave(rotation: Rotation, replica: string): Rotation {
  return { ...rotation, replicas: new Map([...rotation.replicas].filter(([name]) => name !== replica)) };
}

/** Whether every known replica serves the current generation. */
export function haveAllFollowed({ replicas, current }: Rotation): boolean {
  return [...replicas.values()].every(({ serves }) => serves === current.id);
}
