/** The loop that makes a registration what it should be, step by step. */
import { heldFromNow } from "./holding.ts";
import { planOf, type Keeping, type KeepingTools } from "./keeping.ts";
import { laterWish, type Plan } from "./plan.ts";
import { lookUpOwner, writeRegistration } from "./registration-calls.ts";
import { stampOf } from "./stamp.ts";
import { takenBack } from "./taken-back.ts";

/** Other replicas see the same change: the first one to write mends it for all. Milliseconds. */
const SETTLE = { least: 100, most: 300 } as const;
const UNTIL_WOKEN = Number.POSITIVE_INFINITY;

/** Runs until the signal is aborted. Never throws. */
export async function keepRegistered(keeping: Keeping, tools: KeepingTools): Promise<void> {
  while (!tools.signal.aborted) {
    const next = planOf(keeping, tools);
    if (next !== undefined) remember(next, keeping, tools);
    const step = isOwnerMissing(keeping, tools) ? afterOwner(keeping, tools) : act(next, keeping, tools);
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

/** Of a registration that is to be made, it is looked up then. */
function isOwnerMissing({ live, owner }: Keeping, { desired }: KeepingTools): boolean {
  return live?.object !== undefined && desired.owner !== undefined && owner === undefined;
}

/** @returns milliseconds until the next step, unless woken before */
async function afterOwner(keeping: Keeping, tools: KeepingTools): Promise<number> {
  const pause = (keeping.due ?? 0) - performance.now();
  if (pause > 0) return pause;
  await lookUpOwner(keeping, tools);
  return 0;
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
      await writeRegistration(keeping, tools);
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
