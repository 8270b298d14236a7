/** The figures of the fetcher for people, and what they must say. */
import { alignedTable } from "../table.ts";
import type { FetchResult } from "./measure.ts";

const FETCH_TARGETS = {
  /** From the start of the process to its end with one secret, in milliseconds; the middle of all. */
  time: 250,
  /** Resident memory at the peak with one secret, in MB; the middle of all. */
  rss: 60,
  lost: 0,
} as const;

/** @param verdict is told of each target whether it is met, and gives its word for that */
export function fetchTable(results: readonly FetchResult[], verdict: (isMet: boolean) => string): string {
  const header = ["the fetcher", "fetches", "at once", "p50", "p99", "longest", "memory", "most", "lost", "targets"];
  return alignedTable(
    header,
    results.map((result) => {
      const { store, secrets, fetches, atOnce, p50, p99, longest, rss, mostRss, lost } = result;
      return [
        `${store}, ${secrets} ${secrets === 1 ? "secret" : "secrets"}`,
        ...[fetches, atOnce].map(String),
        ...[p50, p99, longest].map((time) => `${time.toFixed(0)} ms`),
        ...[rss, mostRss].map((size) => `${size.toFixed(1)} MB`),
        String(lost),
        targetsOf(result, verdict),
      ];
    }),
  );
}

function targetsOf({ secrets, atOnce, p50, rss, lost }: FetchResult, verdict: (isMet: boolean) => string): string {
  const nothingLost = `lost ${FETCH_TARGETS.lost}: ${verdict(lost <= FETCH_TARGETS.lost)}`;
  if (secrets > 1 || atOnce > 1) return nothingLost;
  const { time, rss: most } = FETCH_TARGETS;
  return [
    `p50 <= ${time} ms: ${verdict(p50 <= time)}`,
    `memory <= ${most} MB: ${verdict(rss <= most)}`,
    nothingLost,
  ].join(", ");
}
