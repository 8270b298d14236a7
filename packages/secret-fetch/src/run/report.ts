/** Failures -> one line, for the termination message and the log. */
import { oneLine, quoted } from "@pod-secrets/core";

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
  return shortenedBytes(`${PROGRAM}: ${explain("", failure)}`, MAX_REPORT_BYTES);
}

/**
 * Names every item that failed, and explains as many as there is room for.
 * @param failed at least one
 * @param total number of items
 */
export function reportItems(failed: readonly FailedItem[], total: number): string {
  const texts = failed.map((item) => explain(describe(item), item.failure));
  if (texts.length === 1) return shortenedBytes(`${PROGRAM}: ${texts[0]}`, MAX_REPORT_BYTES);
  const start = `${PROGRAM}: ${failed.length} of ${total} secrets cannot be had:`;
  for (let shown = texts.length; shown > 0; shown--) {
    const numbered = texts.slice(0, shown).map((text, index) => ` (${index + 1}) ${text}`);
    const rest = failed.slice(shown).map(({ name, failure }) => `${quoted(name, MAX_NAME)}: ${failure.kind}`);
    const line = `${start}${numbered.join("")}${rest.length === 0 ? "" : ` And: ${rest.join(", ")}.`}`;
    if (Buffer.byteLength(line) <= MAX_REPORT_BYTES) return line;
  }
  return shortenedBytes(`${start} (1) ${texts.join(" ")}`, MAX_REPORT_BYTES);
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

/** At most so many bytes of UTF-8, and never half a character. */
function shortenedBytes(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text;
  const room = new Uint8Array(limit - Buffer.byteLength("…"));
  return `${text.slice(0, new TextEncoder().encodeInto(text, room).read)}…`;
}
