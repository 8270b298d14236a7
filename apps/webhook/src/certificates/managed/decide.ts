/**
 * What a replica does next, from what it sees. Pure: every replica runs it on its own view, at any time, in any order,
 * and after any crash; nobody leads.
 */
import { doubtOf, PATIENCE, type Doubt } from "./doubt.ts";
import { isFull, isWithinDates, nextNames, standingOf, type CertificatePolicy, type Generation } from "./generation.ts";
import {
  begin,
  bundleOf,
  haveAllFollowed,
  note,
  phaseOf,
  prune,
  publish,
  stage,
  swap,
  type Rotation,
} from "./rotation.ts";
import type { SecretContent } from "./secret-content.ts";

/** Times in milliseconds. */
export interface RotationPolicy extends CertificatePolicy {
  /** From the moment when the registration trusts a generation until it is served: API servers may lag. */
  readonly overlap: number;
}

/**
 * Whether the registration holds the bundle of the Secret. `nobody`: this process registers nothing. `unasked`: it is
 * not known. `asked`: the answer is awaited.
 */
export type Publication = "nobody" | "unasked" | "asked" | "holds";

export interface View {
  readonly secret: SecretContent;
  /** The last good state that this replica has seen. */
  readonly memory?: Rotation | undefined;
  /** Id of the generation that this replica serves. */
  readonly serving?: string | undefined;
  /** Name of this replica. */
  readonly replica: string;
  readonly publication: Publication;
  /** Milliseconds, of a clock that nobody sets, since this replica has seen this revision published. */
  readonly inPhase: number;
  /** Milliseconds, of the same clock, since this replica last staged a generation. */
  readonly sinceStaged?: number | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly policy: RotationPolicy;
}

export type Step = "stage" | "restore" | "mend" | "join" | "acknowledge" | "publish" | "swap" | "prune";

export type Action =
  | { readonly do: "wait"; readonly doubt?: Doubt }
  | { readonly do: "serve"; readonly generation: Generation }
  /** A Secret that is not there. */
  | { readonly do: "create"; readonly rotation: Rotation }
  /** The Secret that was seen. */
  | { readonly do: "write"; readonly rotation: Rotation; readonly step: Step }
  /** A new generation; {@link issued} says what becomes of it. */
  | { readonly do: "issue"; readonly as: "first" | "next"; readonly names: readonly string[] }
  | { readonly do: "publish"; readonly bundle: string };

const WAIT: Action = { do: "wait" };

/** The overlap, in milliseconds, while what is served is of no use to anybody. */
const URGENT_OVERLAP = 2000;

export function decide(view: View): Action {
  const rotation = accepted(view);
  if (rotation === undefined) return mend(view);
  const { serving, replica, now } = view;
  const { id } = rotation.current;
  const noted = rotation.replicas.get(replica)?.serves;
  const saying = (step: Step): Action => ({ do: "write", rotation: note(rotation, replica, id, now), step });
  // Before anything is served, so that nobody stops trusting it in between.
  if (serving === undefined && noted !== id) return saying("join");
  if (serving !== id && isBetter(view, rotation)) return { do: "serve", generation: rotation.current };
  return serving !== id || noted === id ? advance(view, rotation) : saying("acknowledge");
}

/**
 * What nobody can use, such as a certificate from a machine with a wrong clock, replaces nothing that is served. One that
 * lacks a name is followed by one that has it before what is served loses its trust; but not where there is no room for it.
 */
function isBetter({ serving, policy, now }: View, { current }: Rotation): boolean {
  if (serving === undefined || standingOf(current, policy, now) !== "unusable") return true;
  return isFull(current) && isWithinDates(current, now);
}

/** What the Secret says, unless it is damaged or older than what this replica has seen. */
export function accepted({ secret, memory }: Pick<View, "secret" | "memory">): Rotation | undefined {
  if (secret.kind !== "intact") return undefined;
  return memory !== undefined && secret.rotation.revision < memory.revision ? undefined : secret.rotation;
}

/** The bundle that this replica stands for. */
export function trustedBundle(view: Pick<View, "secret" | "memory">): string | undefined {
  const rotation = accepted(view) ?? view.memory;
  return rotation === undefined ? undefined : bundleOf(rotation);
}

function mend({ secret, memory, policy }: View): Action {
  if (secret.kind === "foreign") return WAIT;
  if (secret.kind === "absent")
    return memory === undefined
      ? { do: "issue", as: "first", names: policy.names }
      : { do: "create", rotation: memory };
  if (memory !== undefined) return { do: "write", rotation: withNotesOf(secret, memory), step: "restore" };
  if (secret.kind === "damaged" && secret.salvage !== undefined)
    return { do: "write", rotation: secret.salvage, step: "mend" };
  return { do: "issue", as: "first", names: policy.names };
}

function withNotesOf(secret: SecretContent, memory: Rotation): Rotation {
  if (secret.kind !== "intact") return memory;
  return { ...memory, replicas: new Map([...memory.replicas, ...secret.rotation.replicas]) };
}

function advance(view: View, rotation: Rotation): Action {
  const { policy, now, publication, inPhase } = view;
  const standing = standingOf(rotation.current, policy, now);
  const { next } = rotation;
  if (next !== undefined && standingOf(next, policy, now) !== "unusable") {
    const overlap = standing === "unusable" ? Math.min(policy.overlap, URGENT_OVERLAP) : policy.overlap;
    return takeOver(rotation, { publication, isProven: inPhase >= overlap, now });
  }
  if (next !== undefined || standing === "unusable" || isDue(view, rotation)) {
    const doubt = doubtOf(view, rotation);
    return doubt === undefined
      ? { do: "issue", as: "next", names: nextNames(rotation, policy) }
      : { do: "wait", doubt };
  }
  if (publication === "unasked") return { do: "publish", bundle: bundleOf(rotation) };
  if (phaseOf(rotation) !== "swapped") return WAIT;
  const isOver = haveAllFollowed(rotation) || inPhase >= PATIENCE * policy.overlap;
  return isOver ? { do: "write", rotation: prune(rotation), step: "prune" } : WAIT;
}

/** A clock that is far ahead finds everything due; it shall not make others follow it again and again. */
function isDue({ policy, now, sinceStaged }: View, rotation: Rotation): boolean {
  if (phaseOf(rotation) !== "steady" || standingOf(rotation.current, policy, now) !== "due") return false;
  return sinceStaged === undefined || sinceStaged >= policy.lifetime / 3;
}

interface Progress {
  readonly publication: Publication;
  readonly isProven: boolean;
  readonly now: number;
}

function takeOver(rotation: Rotation, { publication, isProven, now }: Progress): Action {
  if (publication === "unasked") return { do: "publish", bundle: bundleOf(rotation) };
  if (publication === "asked") return WAIT;
  if (!rotation.isPublished) return { do: "write", rotation: publish(rotation), step: "publish" };
  return isProven ? { do: "write", rotation: swap(rotation, now), step: "swap" } : WAIT;
}

/** What becomes of a generation that was made for this view. */
export function issued(view: View, generation: Generation): Action {
  const { secret, now } = view;
  if (secret.kind === "absent") return { do: "create", rotation: begin(generation, [], now) };
  const rotation = accepted(view);
  if (rotation !== undefined) return { do: "write", rotation: stage(rotation, generation), step: "stage" };
  const found = secret.kind === "damaged" ? secret.found : [];
  return { do: "write", rotation: begin(generation, found, now), step: "mend" };
}
