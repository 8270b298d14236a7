/** The loop that makes a registration what it should be, step by step. */
import { MUTATING_CONFIGURATIONS, mutatingConfigurationPath } from "../kubernetes/api-paths.ts";
import { backoff, type BackoffLimits } from "../kubernetes/backoff.ts";
import { KubernetesError, type KubernetesClient, type OwnerReference } from "../kubernetes/kubernetes-client.ts";
import type { OtherCas } from "./ca-bundle.ts";
import type { DesiredRegistration } from "./desired-registration.ts";
import type { Handover } from "./handover.ts";
import { heldFromNow, stillHeld, type Holding } from "./holding.ts";
import { findOwner } from "./owner-lookup.ts";
import { laterWish, planRegistration, type Plan } from "./plan.ts";
import type { RegistrationStatus, Writing } from "./registration-status.ts";
import type { RepairPace } from "./repair-pace.ts";
import { stampOf } from "./stamp.ts";
import { takenBack, type TakenBack } from "./taken-back.ts";
import type { Wakeup } from "./wakeup.ts";
import type { WebhookConfiguration } from "./webhook-configuration.ts";

/** What the loop knows; others change it, and wake the loop. */
export interface Keeping {
  /** As it was seen last; nothing when it was not seen yet. */
  live?: { readonly object: WebhookConfiguration | undefined };
  /** PEM of the CAs that the API server is to trust. */
  bundle?: string;
  /** What is wanted has just changed: then it is written at once, since nobody has undone it. */
  isNew: boolean;
  /** It was as it is wanted, and is no more. */
  isBroken: boolean;
  owner?: OwnerReference;
  /** The bundle of the registration, and since when it is the same, on the clock of `performance.now()`. */
  seen?: { readonly caBundle: string | undefined; readonly since: number };
  /** It was taken back while this process ran. */
  takenBack?: TakenBack | undefined;
  /** Writes that failed in a row. */
  failures: number;
  /** When it may be written next, on the clock of `performance.now()`. */
  due?: number | undefined;
  /** It was as it is wanted, and still has its CAs. */
  holding?: Holding | undefined;
  /** Called when it is as it is wanted, with a signal that is aborted when it has other CAs. */
  waiting: readonly ((holding: AbortSignal) => void)[];
}

export interface KeepingTools {
  readonly client: KubernetesClient;
  readonly desired: DesiredRegistration;
  readonly status: RegistrationStatus;
  readonly pace: RepairPace;
  readonly wakeup: Wakeup;
  readonly handover: Handover;
  /** The bundle as it is where all replicas look; nothing where it is only given. */
  readonly currentBundle: (() => Promise<string | undefined>) | undefined;
  readonly signal: AbortSignal;
  /** When the process started, in milliseconds since 1970. */
  readonly since: number;
  readonly clock: () => number;
}

/** Other replicas see the same change: the first one to write mends it for all. Milliseconds. */
const SETTLE = { least: 100, most: 300 } as const;
/** How long CAs of other replicas stay, in milliseconds; the kubelet of each node brings new files within two minutes. */
const OTHERS_STAY = 3_600_000;
/** So many writes may be too late before they are made less often. */
const REPLICAS_AT_ONCE = 3;
/** After a write that failed. */
const WRITE_BACKOFF: BackoffLimits = { first: 500, most: 30_000 };

const UNTIL_WOKEN = Number.POSITIVE_INFINITY;

/** @param object as it is now; nothing when it is not there */
export function sees(
  object: WebhookConfiguration | undefined,
  keeping: Keeping,
  { desired }: Pick<KeepingTools, "desired">,
): void {
  keeping.live = { object };
  keeping.holding = stillHeld(keeping.holding, object, desired);
}

/** Runs until the signal is aborted. Never throws. */
export async function keepRegistered(keeping: Keeping, tools: KeepingTools): Promise<void> {
  while (!tools.signal.aborted) {
    const next = planOf(keeping, tools);
    if (next !== undefined) remember(next, keeping, tools);
    const step = isOwnerMissing(keeping, tools) ? lookUpOwner(keeping, tools) : act(next, keeping, tools);
    // oxlint-disable-next-line no-await-in-loop -- one step after the other
    await tools.wakeup.wait(await step);
  }
}

/** Those who start after the mark know nothing of it, and register when what was marked is gone. */
function remember(next: Plan, keeping: Keeping, { status, since }: KeepingTools): void {
  const isTakenBack = next.do === "leave" && next.because === "unregistered";
  if (!isTakenBack) keeping.takenBack = undefined;
  const object = keeping.live?.object;
  const mark = isTakenBack && object !== undefined ? takenBack(object) : undefined;
  if (mark !== undefined && (status.wasHeld() || since <= mark.at)) keeping.takenBack = mark;
}

function isOwnerMissing({ live, owner }: Keeping, { desired }: KeepingTools): boolean {
  return live !== undefined && desired.owner !== undefined && owner === undefined;
}

/** @returns milliseconds until the next step, unless woken before */
async function lookUpOwner(keeping: Keeping, tools: KeepingTools): Promise<number> {
  const pause = (keeping.due ?? 0) - performance.now();
  if (pause > 0) return pause;
  await orLater("looking for the owner of the registration", keeping, tools, () => findOwnerFor(keeping, tools));
  return 0;
}

async function findOwnerFor(keeping: Keeping, { client, desired }: KeepingTools): Promise<void> {
  const owner = await findOwner(client, desired.owner);
  if (owner !== undefined) keeping.owner = owner;
}

/** @returns nothing as long as too little is known */
function planOf(keeping: Keeping, tools: KeepingTools): Plan | undefined {
  const { live, bundle, owner, takenBack: mark } = keeping;
  const { desired, since, clock } = tools;
  if (live === undefined || (bundle === undefined && desired.caBundle !== "none")) return undefined;
  const others = otherCas(live.object, keeping, tools);
  return planRegistration(live.object, { desired, bundle, others, owner, since, takenBack: mark }, clock());
}

/** Only replicas with files need each other's CAs, and not for long. */
function otherCas(
  object: WebhookConfiguration | undefined,
  keeping: Keeping,
  { desired, clock }: KeepingTools,
): OtherCas {
  if (desired.caBundle !== "file") return { stay: false };
  const caBundle = object?.webhooks?.find(({ name }) => name === desired.entry.name)?.clientConfig.caBundle;
  if (keeping.seen?.caBundle !== caBundle || keeping.seen === undefined)
    keeping.seen = { caBundle, since: performance.now() };
  return performance.now() - keeping.seen.since < OTHERS_STAY ? { stay: true, now: clock() } : { stay: false };
}

/** @returns milliseconds until the next step, unless woken before */
async function act(next: Plan | undefined, keeping: Keeping, tools: KeepingTools): Promise<number> {
  switch (next?.do) {
    case undefined:
      return UNTIL_WOKEN;
    case "nothing":
      settle(keeping, tools);
      return UNTIL_WOKEN;
    case "leave":
      tools.status.left(next);
      return UNTIL_WOKEN;
    default: {
      const left = tools.status.wasHeld() ? 0 : tools.handover.pause(keeping.live?.object);
      if (left > 0) {
        tools.status.waits(left);
        return left;
      }
      const pause = pauseBefore(keeping, tools);
      if (pause > 0) return pause;
      await write(keeping, tools);
      return 0;
    }
  }
}

function settle(keeping: Keeping, { pace, status, desired, since, clock }: KeepingTools): void {
  // What looked broken was the bundle that another replica had heard of before this one.
  if (keeping.isBroken && !keeping.isNew) pace.repaired();
  Object.assign(keeping, { isBroken: false, isNew: false, failures: 0, due: undefined });
  status.held(pace.isContested());
  const { object } = keeping.live ?? {};
  const later = object === undefined ? undefined : laterWish(object, stampOf(desired, since), clock());
  if (later !== undefined) status.follows(later);
  const { waiting } = keeping;
  const holding = keeping.holding ?? heldFromNow(object, desired);
  Object.assign(keeping, { holding, waiting: [] });
  for (const resolve of waiting) resolve(holding.ending.signal);
}

function pauseBefore(keeping: Keeping, { pace, status }: KeepingTools): number {
  if (!keeping.isNew && !keeping.isBroken) status.drifted();
  keeping.isBroken ||= !keeping.isNew;
  if (keeping.isNew && keeping.failures === 0) return 0;
  const now = performance.now();
  const wait = keeping.isNew ? 0 : pace.wait();
  if (wait > 0) status.contested(keeping.live?.object, wait);
  keeping.due ??= now + Math.max(wait, SETTLE.least + Math.random() * (SETTLE.most - SETTLE.least));
  return keeping.due - now;
}

async function write(keeping: Keeping, tools: KeepingTools): Promise<void> {
  await orLater("writing the registration", keeping, tools, async () => {
    // An owner that is on its way out with its installation takes the registration along: then it is not made again.
    if (keeping.live?.object === undefined) await findOwnerFor(keeping, tools);
    await lookUpBundle(keeping, tools);
    const next = planOf(keeping, tools);
    if (next?.do !== "create" && next?.do !== "patch") return;
    const before = keeping.live?.object;
    sees(await send(tools.client, tools.desired.name, next), keeping, tools);
    tools.status.wrote(next, writeOf(next, keeping), before);
  });
}

/**
 * A replica that lags must not put back a bundle that is out of date. It looks after it has read the registration, and
 * writes only if that is still the same: whoever has published a later bundle meanwhile is not undone.
 */
async function lookUpBundle(keeping: Keeping, { currentBundle }: KeepingTools): Promise<void> {
  const bundle = await currentBundle?.();
  if (bundle === undefined || bundle === keeping.bundle) return;
  keeping.bundle = bundle;
  keeping.isNew = true;
}

/** Does something with the API server; when it fails, what follows has to wait. */
async function orLater(doing: string, keeping: Keeping, tools: KeepingTools, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    Object.assign(keeping, { failures: 0, due: undefined });
  } catch (error) {
    keeping.failures += 1;
    keeping.due = performance.now() + backoff(keeping.failures, WRITE_BACKOFF);
    if (isOutdated(error)) await readAgain(keeping, tools);
    else tools.status.failed(error, doing);
  }
}

/** Somebody was quicker: then what is there now counts. */
function isOutdated(error: unknown): boolean {
  return error instanceof KubernetesError && (error.failure === "conflict" || error.failure === "exists");
}

async function readAgain(keeping: Keeping, { client, desired, status }: KeepingTools): Promise<void> {
  try {
    const object = await client.get<WebhookConfiguration>(mutatingConfigurationPath(desired.name));
    sees(object, keeping, { desired });
    // Once or twice in a row is the other replicas; more is somebody who never stops.
    if (keeping.failures <= REPLICAS_AT_ONCE) keeping.due = undefined;
  } catch (error) {
    if (error instanceof KubernetesError && error.failure === "not-found") sees(undefined, keeping, { desired });
    else status.failed(error, "reading the registration");
  }
}

function writeOf(next: Writing, { isNew, isBroken }: Keeping): "create" | "publish" | "repair" {
  if (isBroken && !isNew) return "repair";
  return next.do === "create" ? "create" : "publish";
}

function send(client: KubernetesClient, name: string, next: Writing): Promise<WebhookConfiguration> {
  return next.do === "create"
    ? client.create(MUTATING_CONFIGURATIONS, next.object)
    : client.patch(mutatingConfigurationPath(name), next.operations);
}
