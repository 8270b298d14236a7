/** Failures -> one line, for the termination message and the log. */
import { oneLine, quoted, shortenedToBytes } from "@pod-secrets/core";

import { FAILURES, type FetchFailure } from "../failure.ts";
import type { FailedItem } from "./outputs.ts";

/** The kubelet takes so much of a termination message (`MaxContainerTerminationMessageLength`). */
const MAX_REPORT_BYTES = 4096;
/** Names of items that there is no room to explain are cut to this. */
const MAX_NAME = 80;
/** A provider's own text, which may come from elsewhere. */
const MAX_CAUSE = 1200;

const PROGRAM = "pod-secrets-fetch";

/** Of a run that came to no item: a request that cannot be read, a volume that cannot be written to. */
export function reportFailure(failure: FetchFailure): string {
  return shortenedToBytes(`${PROGRAM}: ${explain("", failure)}`, MAX_REPORT_BYTES);
}

/**
 * Names every item that failed, and explains as many as there is room for.
 * @param failed at least one
 * @param total number of items
 */
export function reportItems(failed: readonly FailedItem[], total: number): string {
  const texts = explained(failed);
  if (failed.length === 1) return shortenedToBytes(`${PROGRAM}: ${texts.join("")}`, MAX_REPORT_BYTES);
  const names = failed.map(({ name, failure }) => `${quoted(name, MAX_NAME)}: ${failure.kind}`);
  const lineWith = (shown: number): string => {
    const numbered = texts.slice(0, shown).map((text, index) => ` (${index + 1}) ${text}`);
    const rest = names.slice(shown);
    const start = `${PROGRAM}: ${failed.length} of ${total} secrets cannot be had:`;
    return `${start}${numbered.join("")}${rest.length === 0 ? "" : ` And: ${rest.join(", ")}.`}`;
  };
  for (let shown = texts.length; shown > 0; shown--) {
    const line = lineWith(shown);
    if (Buffer.byteLength(line) <= MAX_REPORT_BYTES) return line;
  }
  return shortenedToBytes(lineWith(1), MAX_REPORT_BYTES);
}

/** Explanations of the first ones: one at least, and no more than there could be room for. */
function explained(failed: readonly FailedItem[]): readonly string[] {
  const texts: string[] = [];
  let bytes = 0;
  for (const item of failed) {
    if (bytes > MAX_REPORT_BYTES) break;
    const text = explain(describe(item), item.failure);
    texts.push(text);
    bytes += Buffer.byteLength(text);
  }
  return texts;
}

/** How the program ends. Of several failures the first in the request's order counts. */
export function exitCodeOf(failed: readonly FailedItem[]): number {
  const [first] = failed;
  return first === undefined ? 0 : FAILURES[first.failure.kind].exit;
}

function describe({ name, provider, kind, attempts }: FailedItem): string {
  const from = provider === kind ? kind : `${provider} (${kind})`;
  const tried = attempts > 1 ? `, tried ${attempts} times` : "";
  return `secret ${quoted(name, 160)} from ${from}${tried}: `;
}

function explain(about: string, { kind, message, fix }: FetchFailure): string {
  return `fetch/${kind}: ${about}${oneLine(message, MAX_CAUSE)}. Fix: ${oneLine(fix, MAX_CAUSE)}`;
}
