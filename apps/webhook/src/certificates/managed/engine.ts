/**
 * Runs the rotation: looks at the Secret, decides, acts, and looks again. The clock on the wall is read every half
 * minute; a timer that waits for months would come late after the machine slept, and at once beyond 24 days.
 */
import { faultName } from "../../faults.ts";
import { backoff, CALL_BACKOFF } from "../../kubernetes/backoff.ts";
import { KubernetesError } from "../../kubernetes/kubernetes-client.ts";
import { createAlarm, type Alarm } from "../../timing/alarm.ts";
import { oneAtATime } from "../../timing/one-at-a-time.ts";
import { createAhead, type Ahead } from "./ahead.ts";
import { accepted, decide, issued, trustedBundle, type Action, type RotationPolicy, type View } from "./decide.ts";
import type { Doubt } from "./doubt.ts";
import { issueGeneration } from "./issue.ts";
import { takeNoteAway } from "./leaving.ts";
import { createMendingPace, isAnswer, type MendingPace } from "./mending-pace.ts";
import { see, viewOf, type Mind, type Seen, type Senses } from "./mind.ts";
import { createStaggering } from "./staggering.ts";
import { createPublication, type Publish } from "./publication.ts";
import { bundleOf, phaseOf } from "./rotation.ts";
import { writeSecret } from "./secret-codec.ts";
import { contentOf } from "./secret-content.ts";
import type { RotationEvents } from "./rotation-events.ts";
import { recreated, type SecretObject } from "./secret-object.ts";
import type { SecretStore, Written } from "./secret-store.ts";

export interface EngineOptions extends RotationEvents {
  readonly store: SecretStore;
  /** A Secret without data, to be filled where none was ever seen. */
  readonly template: SecretObject;
  /** Name of this replica. */
  readonly replica: string;
  readonly policy: RotationPolicy;
  /** Sees to it that the registration holds the bundle; without, somebody else does. */
  readonly publish: Publish | undefined;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export interface Engine {
  /** Looks at once. */
  look(): void;
  /**
   * The CAs to be trusted, by the Secret as it is now; nothing before there are any.
   * @throws KubernetesError
   */
  bundle(): Promise<string | undefined>;
  /** Ends it. A replica that is about to go mends nothing that is taken away along with it. */
  retire(): void;
  /** Ends it, and takes the replica's note away. To be called when it no longer serves. Never throws. */
  leave(): Promise<void>;
}

/** Milliseconds between two looks at the clock, a tenth more or less. */
const TICK = 30_000;
const SHORTEST_TICK = 100;
/** Actions in a row; what is left is for the next look. */
const MOST_ACTIONS = 50;

export function startEngine(options: EngineOptions): Engine {
  const { store, policy, clock, replica, onFailure } = options;
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const monotonic = (): number => performance.now();
  const mind: Mind = { failures: 0 };
  const look = oneAtATime(() => work(run), signal);
  const run: Run = {
    ...options,
    signal,
    mind,
    monotonic,
    alarm: createAlarm(look, signal),
    publication: createPublication(options.publish, look),
    ahead: createAhead((names) => issueGeneration(names, policy, clock())),
    pace: createMendingPace(monotonic),
    staggering: createStaggering(monotonic, policy.overlap, Math.random),
  };
  const onSeen: Parameters<SecretStore["follow"]>[0] = (secret) => {
    see(mind, secret);
    look();
  };
  store.follow(onSeen, { signal, onProblem: onFailure });
  return {
    look,
    bundle: async () => trustedBundle({ secret: contentOf(await store.read(), clock()), memory: mind.memory }),
    retire: () => ending.abort(),
    leave: async () => {
      ending.abort();
      await takeNoteAway(store, replica, clock());
    },
  };
}

interface Run extends EngineOptions, Senses {
  readonly mind: Mind;
  readonly alarm: Alarm;
  readonly pace: MendingPace;
  readonly ahead: Ahead;
}

/** Does not reject. */
async function work(run: Run): Promise<void> {
  const { mind, alarm, signal, onFailure } = run;
  try {
    for (let actions = 0; actions < MOST_ACTIONS && !signal.aborted; actions++) {
      // oxlint-disable-next-line no-await-in-loop -- each sees what the one before has done
      if (!(await step(run))) break;
    }
    mind.failures = 0;
    alarm.in(tick(run));
    if (mind.isGood === true) run.onGood();
  } catch (error) {
    alarm.in(backoff(++mind.failures, CALL_BACKOFF));
    onFailure(error instanceof KubernetesError ? error : { failure: "fault", error: faultName(error) });
  }
}

/** Shorter while something is going on. */
function tick({ mind: { memory }, policy }: Run): number {
  const isSteady = memory === undefined || phaseOf(memory) === "steady";
  const milliseconds = isSteady ? TICK : Math.max(SHORTEST_TICK, Math.min(TICK, policy.overlap / 8));
  return milliseconds * (0.9 + Math.random() / 5);
}

/** @returns whether there may be more to do */
async function step(run: Run): Promise<boolean> {
  const { mind, staggering, pace, alarm, ahead } = run;
  const { seen } = mind;
  if (seen === undefined) return false;
  const view = viewOf(mind, seen, run);
  remember(view, run);
  const action = decide(view);
  const pause = isAnswer(action) ? pace.wait() : 0;
  if (pause > 0) trouble(run, run.onFight);
  const rest = Math.max(pause, staggering.ripeIn(action, mind.memory?.revision));
  if (action.do !== "issue" || action.as !== "first") ahead.drop();
  else if (pause === 0) ahead.begin(action.names);
  if (rest === 0) return perform(action, view, seen, run);
  alarm.in(rest);
  return false;
}

function trouble({ mind }: Run, tell: () => void): void {
  mind.isGood = false;
  tell();
}

function doubt(run: Run, about: Doubt): void {
  trouble(run, () => run.onDoubt(about));
}

function remember(view: View, { mind, onStep, onDamage, onForeign }: Run): void {
  const { secret } = view;
  if (secret.kind === "damaged") onDamage(secret.problem);
  if (secret.kind === "empty" && mind.memory !== undefined) onDamage("it has been emptied");
  if (secret.kind === "foreign") onForeign(secret.by);
  const rotation = accepted(view);
  mind.isGood = rotation !== undefined;
  if (rotation === undefined) return;
  const { memory } = mind;
  mind.memory = rotation;
  if (memory?.revision !== rotation.revision || memory.current.id !== rotation.current.id) onStep(rotation);
}

async function perform(action: Action, view: View, seen: Seen, run: Run): Promise<boolean> {
  const { mind, publication, store, ahead, onServe } = run;
  switch (action.do) {
    case "wait":
      if (action.doubt !== undefined) doubt(run, action.doubt);
      return false;
    case "serve":
      onServe(action.generation);
      mind.serving = action.generation.id;
      return true;
    case "publish":
      publication.ask(action.bundle);
      return false;
    case "issue": {
      const generation = await ahead.take(action.names);
      if (action.as === "next") mind.stagedAt = run.monotonic();
      return perform(issued(view, generation), view, seen, run);
    }
    case "create":
      return settle(
        store.create(writeSecret(action.rotation, seen.former === undefined ? run.template : recreated(seen.former))),
        action,
        run,
      );
    case "write":
      if (seen.secret === undefined) return false;
      // The last moment to notice that somebody has put another bundle there.
      if (action.step === "swap" && !(await publication.confirm(bundleOf(action.rotation)))) return false;
      return settle(store.replace(writeSecret(action.rotation, seen.secret), seen.secret), action, run);
  }
}

async function settle(writing: Promise<Written>, action: Action, { store, mind, pace }: Run): Promise<boolean> {
  const written = await writing;
  if (isAnswer(action, written)) pace.answered();
  see(mind, written.outcome === "written" ? written.secret : await store.read());
  return true;
}
