/** What a replica keeps in mind between two looks, and what it makes of what it sees. */
import { accepted, type RotationPolicy, type View } from "./decide.ts";
import type { Staggering } from "./staggering.ts";
import type { PublicationState } from "./publication.ts";
import { bundleOf, type Rotation } from "./rotation.ts";
import { contentOf } from "./secret-content.ts";
import type { SecretObject } from "./secret-object.ts";

export interface Seen {
  readonly secret: SecretObject | undefined;
  /** What the Secret was like when it was last there. */
  readonly former: SecretObject | undefined;
}

export interface Mind {
  /** Nothing: nobody has looked yet. */
  seen?: Seen;
  /** The last good state. */
  memory?: Rotation;
  /** What was seen last was good. */
  isGood?: boolean;
  /** Id of the generation that is served. */
  serving?: string;
  /** When a generation was last staged, by the clock that nobody sets. */
  stagedAt?: number;
  /** Calls that failed in a row. */
  failures: number;
}

export interface Senses {
  readonly replica: string;
  readonly policy: RotationPolicy;
  readonly publication: PublicationState;
  readonly staggering: Staggering;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Milliseconds, of a clock that nobody sets. */
  readonly monotonic: () => number;
}

export function see(mind: Mind, secret: SecretObject | undefined): void {
  mind.seen = { secret, former: secret ?? mind.seen?.former };
}

export function viewOf(mind: Mind, { secret }: Seen, senses: Senses): View {
  const { replica, policy, publication, staggering, clock, monotonic } = senses;
  const { memory, serving, stagedAt } = mind;
  const now = clock();
  const content = contentOf(secret, now);
  const rotation = accepted({ secret: content, memory });
  const state = rotation === undefined ? "unasked" : publication.of(bundleOf(rotation));
  return {
    secret: content,
    memory,
    serving,
    replica,
    publication: state,
    inPhase: staggering.since(`${rotation?.revision} ${state}`),
    sinceStaged: stagedAt === undefined ? undefined : monotonic() - stagedAt,
    now,
    policy,
  };
}
