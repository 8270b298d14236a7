/**
 * Writes Events about refusals: beside the admissions, one at a time and not too many. The same refusal of the same object
 * is one Event that counts; what finds no room is dropped and counted.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { KubernetesError, type KubernetesClient } from "../../kubernetes/kubernetes-client.ts";
import { TELEMETRY_ERRORS } from "../../errors.ts";
import { faultName } from "../../faults.ts";
import type { AdmissionRecord } from "../admission-record.ts";
import type { Log } from "../log.ts";
import type { Occurrences } from "./event-object.ts";
import { refusalEvent, type RefusalEvent } from "./refusal-event.ts";
import { createWrittenEvents, type WrittenEvents } from "./written-events.ts";

export interface EventWriter {
  /** Notes an admission; nothing happens unless it is a refusal. Never throws. */
  readonly record: (record: AdmissionRecord) => void;
  readonly counts: () => EventCounts;
}

/** Refusals since the start, by what became of their Events; those in a namespace that is going are in none. */
export interface EventCounts {
  readonly written: number;
  /** There was no room for them. */
  readonly dropped: number;
  /** The API server did not take them. */
  readonly failed: number;
}

export interface EventWriterOptions {
  /** Called when there is an Event to write. */
  readonly connect: () => Promise<KubernetesClient>;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly signal: AbortSignal;
  readonly pace?: EventPace;
}

/** Milliseconds. */
export interface EventPace {
  /** Between any two writes. */
  readonly any: number;
  /** Between two writes of one Event. */
  readonly same: number;
  /** After a failed write. */
  readonly failed: number;
  /** After one that is not permitted: a person has to do something first. */
  readonly forbidden: number;
}

const PACE: EventPace = { any: 200, same: 10_000, failed: 10_000, forbidden: 300_000 };
/** Most Events that wait. */
const MAX_WAITING = 500;
interface State {
  readonly options: EventWriterOptions;
  readonly pace: EventPace;
  readonly waiting: Map<string, Occurrences>;
  readonly written: WrittenEvents;
  readonly counts: { written: number; dropped: number; failed: number };
  client?: KubernetesClient;
  isWriting: boolean;
  isFailing: boolean;
}

export function createEventWriter(options: EventWriterOptions): EventWriter {
  const state: State = {
    options,
    pace: options.pace ?? PACE,
    waiting: new Map(),
    written: createWrittenEvents(options.clock),
    counts: { written: 0, dropped: 0, failed: 0 },
    isWriting: false,
    isFailing: false,
  };
  return {
    record: (record) => {
      const event = refusalEvent(record);
      if (event === undefined || options.signal.aborted) return;
      note(state, event);
      if (!state.isWriting) void writeWaiting(state);
    },
    counts: () => state.counts,
  };
}

function note({ waiting, counts, options }: State, event: RefusalEvent): void {
  const { target, reason } = event;
  const key = [target.namespace, target.apiVersion, target.kind, target.name, target.uid, reason].join("\n");
  const now = options.clock();
  const before = waiting.get(key);
  if (before !== undefined) waiting.set(key, { ...before, event, count: before.count + 1, last: now });
  else if (waiting.size < MAX_WAITING) waiting.set(key, { event, count: 1, first: now, last: now });
  else counts.dropped += 1;
}

/** Until nothing waits. Never rejects. */
async function writeWaiting(state: State): Promise<void> {
  const { waiting, options, pace } = state;
  state.isWriting = true;
  // One after the other on purpose.
  /* oxlint-disable no-await-in-loop */
  for (let key = nextKey(state); key !== undefined && !options.signal.aborted; key = nextKey(state)) {
    const due = dueAt(state, key) - options.clock();
    if (due > 0) {
      // Another one may be due before it is.
      await pause(Math.min(due, pace.any), options.signal);
      continue;
    }
    const occurrences = waiting.get(key) as Occurrences;
    waiting.delete(key);
    await pause(await write(state, key, occurrences), options.signal);
  }
  /* oxlint-enable no-await-in-loop */
  state.isWriting = false;
}

/** The one that is due first. */
function nextKey(state: State): string | undefined {
  let next: string | undefined;
  let nextDue = Number.POSITIVE_INFINITY;
  for (const key of state.waiting.keys()) {
    const due = dueAt(state, key);
    if (due < nextDue) [next, nextDue] = [key, due];
  }
  return next;
}

function dueAt({ written, pace }: State, key: string): number {
  const before = written.lastAt(key);
  return before === undefined ? 0 : before + pace.same;
}

/** @returns how long to rest after it, in milliseconds */
async function write(state: State, key: string, occurrences: Occurrences): Promise<number> {
  const { counts, pace } = state;
  try {
    state.client ??= await state.options.connect();
    await state.written.write(state.client, key, occurrences);
    counts.written += occurrences.count;
    tell(state, undefined);
    return pace.any;
  } catch (error) {
    if (isNamespaceGoing(error)) return pace.any;
    counts.failed += occurrences.count;
    tell(state, error);
    return error instanceof KubernetesError && error.failure === "forbidden" ? pace.forbidden : pace.failed;
  }
}

/**
 * Nothing is created any more in a namespace that is being deleted (admission plugin NamespaceLifecycle); in one that is
 * gone nothing is found, while Events that are gone are made anew. Nobody looks there, and nobody has to do anything.
 */
function isNamespaceGoing(error: unknown): boolean {
  if (!(error instanceof KubernetesError)) return false;
  return error.failure === "not-found" || error.causeType === "NamespaceTerminating";
}

/** Logs that Events are not taken, and that they are again: each once. */
function tell(state: State, error: unknown): void {
  const { log } = state.options;
  if (state.isFailing === (error !== undefined)) return;
  state.isFailing = error !== undefined;
  if (!state.isFailing) return log.info("events are written again");
  const reason = error instanceof KubernetesError ? error.message : faultName(error);
  const { summary, fix } = TELEMETRY_ERRORS.W_EVENTS;
  log.warn(`W_EVENTS: ${summary}: ${reason}. Fix: ${fix}`, { code: "W_EVENTS", reason });
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal, ref: false });
  } catch {
    // Aborted: the wait is over either way.
  }
}
