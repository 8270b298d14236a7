/** Follows one object: reads it, then watches for changes from there on, again and again. */
import { setTimeout as sleep } from "node:timers/promises";
import { isJsonObject } from "@pod-secrets/core";

import { backoff, CALL_BACKOFF, type BackoffLimits } from "./backoff.ts";
import { failureOfConnection, failureOfStatus } from "./failures.ts";
import { jsonLines } from "./json-lines.ts";
import { KubernetesError, type KubernetesObject, type WatchEvent, type WatchOptions } from "./kubernetes-client.ts";
import type { Rest } from "./rest.ts";

/** A connection that nobody listens at costs nobody anything, and the API server is soon noticed to be back. */
const REFUSED_BACKOFF: BackoffLimits = { ...CALL_BACKOFF, most: 2000 };
/** A round that lasted so many milliseconds was no failure to begin with. */
const STEADY = 10_000;
/**
 * A round that ended sooner, in milliseconds, was cut off: no watch is asked for that is shorter than a second. Something in
 * between that ends each at once must not be asked without a pause.
 */
const CUT_OFF = 900;
/** The API server ends a watch after its time; one that it does not end is stalled after so many milliseconds more. */
const STALLED = 5000;

export interface WatchedObject {
  readonly collection: string;
  readonly name: string;
}

/** Watches until the signal is aborted. Never throws, also when `onEvent` does. */
export async function watchObject<Kind extends KubernetesObject>(
  rest: Rest,
  watched: WatchedObject,
  onEvent: (event: WatchEvent<Kind>) => void,
  options: WatchOptions,
): Promise<void> {
  const { signal, onProblem } = options;
  let failures = 0;
  while (!signal.aborted) {
    const began = performance.now();
    try {
      // oxlint-disable-next-line no-await-in-loop -- one round after the other
      await followOnce(rest, watched, onEvent, options);
      failures = performance.now() - began < CUT_OFF ? failures + 1 : 0;
      // oxlint-disable-next-line no-await-in-loop -- one round after the other
      if (failures > 0) await pause(backoff(failures, CALL_BACKOFF), signal);
    } catch (error) {
      if (signal.aborted) return;
      failures = performance.now() - began > STEADY ? 1 : failures + 1;
      const problem = error instanceof KubernetesError ? error : failureOfConnection(nameOf(watched), error);
      onProblem(problem);
      // oxlint-disable-next-line no-await-in-loop -- one round after the other
      await pause(backoff(failures, problem.code === "ECONNREFUSED" ? REFUSED_BACKOFF : CALL_BACKOFF), signal);
    }
  }
}

/** One round: as it is now, then its changes for the time of a resync. */
async function followOnce<Kind extends KubernetesObject>(
  rest: Rest,
  watched: WatchedObject,
  onEvent: (event: WatchEvent<Kind>) => void,
  { signal, resync }: WatchOptions,
): Promise<void> {
  const { object, version } = await readObject<Kind>(rest, watched, signal);
  onEvent(object === undefined ? { type: "deleted" } : { type: "present", object });
  const stalled = AbortSignal.timeout(resync + STALLED);
  const seconds = Math.max(1, Math.ceil(resync / 1000));
  const query = { watch: "true", resourceVersion: version, timeoutSeconds: String(seconds) };
  const call = { method: "GET", path: pathOf(watched, query), signal: AbortSignal.any([signal, stalled]) } as const;
  for await (const line of jsonLines(await rest.stream(call))) {
    const event = readEvent<Kind>(line, watched);
    if (event !== undefined) onEvent(event);
  }
}

interface Read<Kind> {
  readonly object: Kind | undefined;
  /** Of the list: changes after it are still to come. */
  readonly version: string;
}

/** A list of one: unlike a read by name, it has a version also when the object is not there. */
async function readObject<Kind extends KubernetesObject>(
  rest: Rest,
  watched: WatchedObject,
  signal: AbortSignal,
): Promise<Read<Kind>> {
  const list = await rest.exchange({ method: "GET", path: pathOf(watched, {}), signal });
  const { items, metadata } = isJsonObject(list) ? list : {};
  const version = isJsonObject(metadata) ? metadata["resourceVersion"] : undefined;
  if (!Array.isArray(items) || typeof version !== "string")
    throw new KubernetesError("other", `${nameOf(watched)}: the answer is no list`);
  const [object] = items as readonly Kind[];
  return { object, version };
}

/** @returns nothing for an event that says nothing of the object */
function readEvent<Kind extends KubernetesObject>(line: unknown, watched: WatchedObject): WatchEvent<Kind> | undefined {
  const { type, object } = isJsonObject(line) ? line : {};
  switch (type) {
    case "ADDED":
    case "MODIFIED":
      return { type: "present", object: object as Kind };
    case "DELETED":
      return { type: "deleted" };
    case "ERROR":
      throw failureOfStatus(nameOf(watched), codeOf(object), object);
    default:
      return undefined;
  }
}

/** 410 when the API server no longer knows the version from which changes are wanted. */
function codeOf(status: unknown): number {
  return isJsonObject(status) && typeof status["code"] === "number" ? status["code"] : 0;
}

function pathOf({ collection, name }: WatchedObject, query: Readonly<Record<string, string>>): string {
  return `${collection}?${new URLSearchParams({ fieldSelector: `metadata.name=${name}`, ...query }).toString()}`;
}

function nameOf({ collection, name }: WatchedObject): string {
  return `WATCH ${collection}/${encodeURIComponent(name)}`;
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch {
    // Aborted: the loop ends.
  }
}
