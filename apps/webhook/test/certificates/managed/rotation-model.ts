/**
 * A small world: one Secret, one registration, API servers that lag behind it, and replicas that stop, crash and come
 * back between any two of their actions. Certificates are names here: what is tried is the order of things.
 */
import { decide, issued, trustedBundle, accepted } from "../../../src/certificates/managed/decide.ts";
import type { Action, Publication, RotationPolicy, View } from "../../../src/certificates/managed/decide.ts";
import type { SecretContent } from "../../../src/certificates/managed/secret-content.ts";
import { isWithinDates, type Generation } from "../../../src/certificates/managed/generation.ts";
import { bundleOf, leave, phaseOf, type Rotation } from "../../../src/certificates/managed/rotation.ts";
import { BACKDATED, DAY } from "../../../src/certificates/lifetimes.ts";

export const POLICY: RotationPolicy = { names: ["webhook.flyte.svc"], lifetime: 90 * DAY, overlap: 1000 };
/** API servers see changes of the registration so late at most. */
const LAG = POLICY.overlap - 1;
/** A replica looks at the Secret so often at least, in whatever state it is; and a call of its takes no longer. */
const LONGEST_STALL = POLICY.overlap;

interface Stored {
  readonly version: number;
  readonly content: SecretContent;
}

interface Publishing {
  readonly since: number;
  /** Of the registration, as it was read. */
  readonly version: number;
  /** What will be written, once the Secret was read. */
  readonly bundle?: string;
}

interface Replica {
  readonly name: string;
  /** Of its wall clock, in milliseconds. */
  readonly skew: number;
  readonly policy: RotationPolicy;
  isAlive: boolean;
  seen: Stored | undefined;
  seenAt: number;
  memory: Rotation | undefined;
  serving: Generation | undefined;
  /** The bundle that its registrar has found or put in the registration. */
  confirmed: string | undefined;
  /** A write of the registration that is under way. */
  publishing: Publishing | undefined;
  phase: { readonly key: string; readonly since: number } | undefined;
  stagedAt: number | undefined;
}

export interface World {
  readonly replicas: readonly Replica[];
  now: number;
  secret: Stored;
  /** The registration, and when it was like that; the last one is what it is now. */
  registration: { readonly version: number; readonly bundle: string; readonly from: number }[];
  made: number;
  /** What was done, for the report of a failure. */
  readonly log: (Happening | string)[];
}

/** @param names for which each replica wants certificates; without, all want the same */
export function createWorld(skews: readonly number[], names: readonly (readonly string[])[] = []): World {
  return {
    replicas: skews.map((skew, index) => {
      const policy = { ...POLICY, names: names[index] ?? POLICY.names };
      return dead({ name: `replica-${index}`, skew, policy });
    }),
    now: Date.UTC(2026, 0, 1),
    secret: { version: 0, content: { kind: "absent" } },
    registration: [],
    made: 0,
    log: [],
  };
}

function dead({ name, skew, policy }: Pick<Replica, "name" | "skew" | "policy">): Replica {
  return {
    name,
    skew,
    policy,
    isAlive: false,
    seen: undefined,
    seenAt: 0,
    memory: undefined,
    serving: undefined,
    confirmed: undefined,
    publishing: undefined,
    phase: undefined,
    stagedAt: undefined,
  };
}

/** What can happen. `who` is taken modulo the number of replicas. */
export type Happening =
  | { readonly kind: "start" | "observe" | "act" | "publish" | "leave" | "crash"; readonly who: number }
  /** All but one go on for a while. */
  | { readonly kind: "stall"; readonly who: number }
  | { readonly kind: "time"; readonly milliseconds: number }
  | { readonly kind: "due" | "delete" | "damage" | "empty registration" };

export function happen(world: World, happening: Happening): void {
  world.log.push(happening);
  switch (happening.kind) {
    case "time":
      return pass(world, happening.milliseconds);
    case "stall":
      return goOnWithout(world, replicaAt(world, happening.who));
    case "due":
      return pass(world, Math.max(0, (currentOf(world)?.expires ?? 0) - POLICY.lifetime / 3 - world.now));
    case "delete":
      return harm(world, { kind: "absent" });
    case "damage":
      return harm(world, { kind: "damaged", problem: "half of it is gone", found: [] });
    case "empty registration":
      return emptyRegistration(world);
    default:
      return move(world, replicaAt(world, happening.who), happening.kind);
  }
}

function replicaAt({ replicas }: World, who: number): Replica {
  const replica = replicas[who % replicas.length];
  if (replica === undefined) throw new Error("the world has no replicas");
  return replica;
}

function move(world: World, replica: Replica, kind: "start" | "observe" | "act" | "publish" | "leave" | "crash"): void {
  switch (kind) {
    case "start":
      if (replica.isAlive) return undefined;
      replica.isAlive = true;
      return observe(world, replica);
    case "leave":
      return depart(world, replica);
    case "crash":
      if (isLastToKnow(world, replica)) return undefined;
      Object.assign(replica, dead(replica));
      return undefined;
    case "observe":
      return observe(world, replica);
    case "act":
      return act(world, replica);
    case "publish":
      return stepOfPublishing(world, replica);
  }
}

/** As a process that is told to end: it takes its note away, if nobody is faster. */
function depart(world: World, replica: Replica): void {
  const { content, version } = world.secret;
  if (content.kind !== "intact" || replica.seen !== world.secret) return;
  const rotation = leave(content.rotation, replica.name);
  world.secret = { version: version + 1, content: { kind: "intact", rotation } };
  Object.assign(replica, dead(replica));
}

function observe(world: World, replica: Replica): void {
  if (!replica.isAlive) return;
  replica.seen = world.secret;
  replica.seenAt = world.now;
}

function viewOf(world: World, replica: Replica, seen: Stored): View {
  const secret = seen.content;
  const { memory, serving, name, stagedAt, skew, policy } = replica;
  const rotation = accepted({ secret, memory });
  const publication = publicationOf(replica, rotation);
  const key = `${rotation?.revision} ${publication}`;
  if (replica.phase?.key !== key) replica.phase = { key, since: world.now };
  return {
    secret,
    memory,
    serving: serving?.id,
    replica: name,
    publication,
    inPhase: world.now - replica.phase.since,
    sinceStaged: stagedAt === undefined ? undefined : world.now - stagedAt,
    now: world.now + skew,
    policy,
  };
}

function publicationOf({ confirmed, publishing }: Replica, rotation: Rotation | undefined): Publication {
  if (rotation !== undefined && confirmed === bundleOf(rotation)) return "holds";
  return publishing === undefined ? "unasked" : "asked";
}

function act(world: World, replica: Replica): void {
  const { seen } = replica;
  if (!replica.isAlive || seen === undefined) return;
  const view = viewOf(world, replica, seen);
  perform(world, replica, seen, view, decide(view));
  replica.memory = accepted(view) ?? replica.memory;
}

function perform(world: World, replica: Replica, seen: Stored, view: View, action: Action): void {
  world.log.push(`  ${replica.name}: ${describeAction(action)}`);
  switch (action.do) {
    case "wait":
      return undefined;
    case "serve":
      replica.serving = action.generation;
      return undefined;
    case "publish":
      replica.publishing ??= { since: world.now, version: world.registration.at(-1)?.version ?? 0 };
      if (replica.confirmed !== action.bundle) replica.confirmed = undefined;
      return undefined;
    case "issue":
      if (isLeftToOthers(world, replica, action)) return undefined;
      if (action.as === "next") replica.stagedAt = world.now;
      return perform(world, replica, seen, view, issued(view, makeGeneration(world, view.now, action.names)));
    case "create":
    case "write":
      if (action.do === "write" && action.step === "mend" && isLeftToOthers(world, replica, action)) return undefined;
      if (world.secret.version !== seen.version) return undefined;
      world.secret = { version: seen.version + 1, content: { kind: "intact", rotation: action.rotation } };
      return observe(world, replica);
  }
}

/** One that has seen nothing yet waits a moment before it starts from nothing: those that know more are faster. */
function isLeftToOthers({ replicas }: World, replica: Replica, action: Action): boolean {
  if (action.do === "issue" && action.as === "next") return false;
  return replicas.some((other) => other !== replica && other.isAlive && other.memory !== undefined);
}

/** Reads the registration, then the Secret, then writes the registration if it is still what was read. */
function stepOfPublishing(world: World, replica: Replica): void {
  const { publishing } = replica;
  if (publishing === undefined) return;
  const live = world.registration.at(-1);
  if (publishing.bundle === undefined) {
    const bundle = trustedBundle({ secret: world.secret.content, memory: replica.memory });
    replica.publishing = bundle === undefined ? undefined : { ...publishing, bundle };
    return;
  }
  replica.publishing = undefined;
  if ((live?.version ?? 0) !== publishing.version) return;
  if (live?.bundle !== publishing.bundle) register(world, publishing.bundle);
  replica.confirmed = publishing.bundle;
}

/** Registrars notice, and tell who depended on what was there. */
function register(world: World, bundle: string): void {
  world.registration.push({ version: (world.registration.at(-1)?.version ?? 0) + 1, bundle, from: world.now });
  for (const replica of world.replicas) if (replica.confirmed !== bundle) replica.confirmed = undefined;
}

function makeGeneration(world: World, now: number, names: readonly string[]): Generation {
  const id = (++world.made).toString(16).padStart(16, "0");
  const expires = now + POLICY.lifetime;
  return {
    id,
    certificate: `leaf ${id}`,
    key: `key ${id}`,
    ca: { pem: `<${id}>`, starts: now - BACKDATED, expires },
    starts: now - BACKDATED,
    expires,
    names,
  };
}

function currentOf({ secret }: World): Generation | undefined {
  return secret.content.kind === "intact" ? secret.content.rotation.current : undefined;
}

/** Nobody is stalled for longer than {@link LONGEST_STALL}: whoever would be wakes first. */
function pass(world: World, milliseconds: number): void {
  for (let left = milliseconds; left > 0;) {
    const step = Math.min(left, left > 100 * POLICY.overlap ? left - 50 * POLICY.overlap : POLICY.overlap / 4);
    world.now += step;
    left -= step;
    for (const replica of world.replicas) goOn(world, replica);
  }
}

function goOn(world: World, replica: Replica): void {
  if (!replica.isAlive) return;
  const { publishing } = replica;
  if (publishing !== undefined && world.now - publishing.since >= LONGEST_STALL)
    for (let calls = 0; calls < 2; calls++) stepOfPublishing(world, replica);
  if (world.now - replica.seenAt < LONGEST_STALL) return;
  observe(world, replica);
  for (let steps = 0; steps < 4; steps++) act(world, replica);
}

function harm(world: World, content: SecretContent): void {
  // What nobody remembers cannot be put back.
  if (!world.replicas.some(({ isAlive, memory }) => isAlive && memory !== undefined)) return;
  world.secret = { version: world.secret.version + 1, content };
}

/** With it, what the Secret held would be lost for ever. */
function isLastToKnow({ secret, replicas }: World, replica: Replica): boolean {
  if (secret.content.kind === "intact") return false;
  return !replicas.some((other) => other !== replica && other.isAlive && other.memory !== undefined);
}

/** By somebody else; registrars notice, and put back what they stand for. */
function emptyRegistration(world: World): void {
  const version = world.registration.at(-1)?.version;
  if (version === undefined) return;
  world.registration = [{ version: version + 1, bundle: "", from: world.now }];
  for (const replica of world.replicas) replica.confirmed = undefined;
}

/** All alive replicas look, act and publish in turn until nothing is left to do. */
export function settle(world: World): void {
  let steadyRounds = 0;
  for (let round = 0; round < 400 && steadyRounds < 5; round++) {
    const { version } = world.secret;
    for (let who = 0; who < world.replicas.length; who++)
      for (const kind of ["observe", "act", "publish", "publish"] as const) happen(world, { kind, who });
    world.now += POLICY.overlap / 10;
    steadyRounds = world.secret.version === version && unsettled(world).length === 0 ? steadyRounds + 1 : 0;
  }
}

/**
 * The chains that some API server would refuse now for what the registration holds. One outside of its dates, from a
 * replica with a wrong clock, it refuses in any case.
 */
export function untrusted(world: World): readonly string[] {
  const seenBySome = world.registration.filter((_, index) => {
    const until = world.registration[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    return until > world.now - LAG;
  });
  return world.replicas.flatMap(({ name, serving }) =>
    serving === undefined || !isWithinDates(serving, world.now)
      ? []
      : seenBySome
          // An emptied one is somebody else's doing.
          .filter(({ bundle }) => bundle !== "" && !bundle.includes(serving.ca.pem))
          .map(({ bundle }) => `${name} serves ${serving.id}, and the registration holds ${bundle}`),
  );
}

function goOnWithout(world: World, stalled: Replica): void {
  const others = world.replicas.filter((replica) => replica !== stalled);
  for (let round = 0; round < 4; round++)
    for (const replica of others)
      for (const kind of ["observe", "act", "act", "publish", "publish"] as const) move(world, replica, kind);
}

/** What is not yet as it should be, once everything has settled. */
export function unsettled(world: World): readonly string[] {
  const { content } = world.secret;
  if (content.kind !== "intact") return [`the Secret is ${content.kind}`];
  const { rotation } = content;
  const live = world.registration.at(-1)?.bundle;
  return [
    ...(phaseOf(rotation) === "steady" ? [] : [`the phase is ${phaseOf(rotation)}`]),
    ...(live === bundleOf(rotation) ? [] : [`the registration holds ${live}, not ${bundleOf(rotation)}`]),
    ...world.replicas
      .filter(({ isAlive, serving }) => isAlive && serving?.id !== rotation.current.id)
      .map(({ name }) => `${name} does not serve ${rotation.current.id}`),
  ];
}

function describeAction(action: Action): string {
  switch (action.do) {
    case "write":
      return `${action.step} -> revision ${action.rotation.revision}`;
    case "create":
      return `create revision ${action.rotation.revision}`;
    default:
      return action.do;
  }
}
