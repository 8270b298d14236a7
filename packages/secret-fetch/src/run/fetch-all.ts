/** All secrets of a round: at once, but not too many, and each of them once. */
import { FetchFailure } from "../failure.ts";
import type { Clock } from "../ports/clock.ts";
import type { Provider, ProviderHost } from "../provider.ts";
import type { PreparedItem, PreparedProvider, PreparedRequest } from "../request/prepared-request.ts";
import { fetchOne, type FetchResult, type RoundTime } from "./fetch-one.ts";

/** An item, and what became of it. */
export interface ItemResult {
  readonly item: PreparedItem;
  readonly result: FetchResult;
}

/** What a round needs from outside. */
export interface RoundPorts {
  readonly host: ProviderHost;
  readonly clock: Clock;
  readonly random: () => number;
  /** Aborted when the program is told to stop. */
  readonly stop: AbortSignal;
}

/**
 * Whether the failure of one secret is the failure of all: then nothing is tried again once a required one is lost.
 * When a pod starts it is; while it runs, each is refreshed for itself.
 */
export type Bond = "together" | "each";

/** Results in the order of the items. Never throws: a failure is a result. */
export async function fetchAll(
  request: PreparedRequest,
  { host, clock, random, stop }: RoundPorts,
  bond: Bond,
): Promise<readonly ItemResult[]> {
  const lost = new AbortController();
  const giveUp = (): void => lost.abort();
  stop.addEventListener("abort", giveUp);
  const end = clock.elapsed() + request.deadline;
  const time: RoundTime = { clock, end, attempt: request.attempt, stop, lost: lost.signal, random };
  const providers = createProviders(host);
  const required = requiredOf(request.items);
  const results = new Map<string, FetchResult>();
  const distinct = [...new Map(request.items.map((item) => [item.identity, item])).values()];
  await inParallel(distinct, request.concurrency, async (item) => {
    const result = await fetchOne(async (signal) => {
      const provider = providers(item.provider);
      return checkSize(await provider.fetch(item.source, signal), request.maxBytes);
    }, time);
    results.set(item.identity, result);
    const isLost = result.outcome === "failed" && (required.has(item.identity) || !isAbsent(result));
    if (isLost && bond === "together") giveUp();
  });
  stop.removeEventListener("abort", giveUp);
  return request.items.map((item) => ({ item, result: resultOf(results, item) }));
}

/** There is no such secret, and the pod may do without: then it does. Anything else means that nobody knows. */
export function isForgiven({ item, result }: ItemResult): boolean {
  return !item.required && isAbsent(result);
}

function isAbsent(result: FetchResult): boolean {
  return result.outcome === "failed" && result.failure.kind === "not-found";
}

function requiredOf(items: readonly PreparedItem[]): ReadonlySet<string> {
  return new Set(items.filter(({ required }) => required).map(({ identity }) => identity));
}

function resultOf(results: ReadonlyMap<string, FetchResult>, { identity }: PreparedItem): FetchResult {
  const result = results.get(identity);
  if (result === undefined) throw new Error("an item was left out");
  return result;
}

/** One provider per entry of the request and round, made when the first item needs it. */
function createProviders(host: ProviderHost): (prepared: PreparedProvider) => Provider {
  const made = new Map<PreparedProvider, Provider>();
  return (prepared) => {
    const provider = made.get(prepared) ?? prepared.plugin.create(prepared.settings, host);
    made.set(prepared, provider);
    return provider;
  };
}

function checkSize(value: unknown, maxBytes: number): Uint8Array {
  // A provider from elsewhere may be plain JavaScript.
  if (!(value instanceof Uint8Array)) throw new TypeError("no bytes");
  if (value.length <= maxBytes) return value;
  throw new FetchFailure(
    "unusable-value",
    `the value has more than ${maxBytes} bytes`,
    "Raise maxBytes, and the sizeLimit of the volume with it, or split the secret.",
  );
}

async function inParallel<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    // The workers share one queue.
    for (const item of queue) await work(item); // oxlint-disable-line no-await-in-loop
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
