/** The message of a refused pod: what `kubectl` and Flyte's console show, in one line. */
import { describeRequest, type Decision, type RefusedDecision } from "./decision.ts";
import type { SecretError } from "./errors.ts";
import { printable, shortenedToBytes, utf8Length } from "./printable.ts";
import { describeSource } from "./request.ts";

/** Longest refusal, in bytes of UTF-8. */
export const MAX_REFUSAL_BYTES = 1000;
/** Most secrets that are told apart; further ones are counted. */
const MAX_ENTRIES = 7;
/** So many are always named. */
const MIN_ENTRIES = 3;
/** Least room for cause and fix of one secret, in bytes. */
const MIN_DETAIL_BYTES = 80;
/** Longest group, version and key, in characters, from what is wanted to what always fits. */
const NAME_LIMITS = [63, 32, 12] as const;
/** Room for `; … and 249 more` and for the numbers of the entries. */
const RESERVED_BYTES = 24;

/** One message for a refused pod: every refused secret with code, cause and fix, as far as the length allows. */
export function describeRefusal(decisions: readonly Decision[]): string {
  const refused = decisions.filter((decision) => decision.outcome === "refused");
  const head = `pod-secrets: ${refused.length} of ${decisions.length} secrets cannot be injected`;
  const room = MAX_REFUSAL_BYTES - utf8Length(head) - RESERVED_BYTES;
  const labels = fittingLabels(refused, room);
  let left = room - bytesOf(labels);
  let message = head;
  for (const [index, label] of labels.entries()) {
    // What short entries leave over goes to the later ones.
    const detail = describeCause(refused[index] as RefusedDecision, Math.floor(left / (labels.length - index)));
    left -= utf8Length(detail);
    message += `${index === 0 ? ": " : separator(message)}(${index + 1}) ${label}${detail}`;
  }
  const rest = refused.length - labels.length;
  return rest === 0 ? message : `${message}${separator(message)}… and ${rest} more`;
}

/** A full stop, as most fixes end with, ends an entry as well. */
function separator(message: string): string {
  return message.endsWith(".") ? " " : "; ";
}

/** One message for a pod that is refused as a whole. */
export function describeError({ code, message, fix }: SecretError): string {
  const end = `. Fix: ${printable(fix)}`;
  const start = shortenedToBytes(`pod-secrets: ${code}: ${printable(message)}`, MAX_REFUSAL_BYTES - utf8Length(end));
  return `${start}${end}`;
}

/** Code and names of as many secrets as leave room for their causes. */
function fittingLabels(refused: readonly RefusedDecision[], room: number): readonly string[] {
  const most = Math.min(refused.length, MAX_ENTRIES);
  for (const limit of NAME_LIMITS) {
    const labels = refused.slice(0, most).map((decision) => labelOf(decision, limit));
    for (let count = most; count >= Math.min(most, MIN_ENTRIES); count--) {
      const fitting = labels.slice(0, count);
      if (bytesOf(fitting) + count * MIN_DETAIL_BYTES <= room) return fitting;
    }
  }
  return refused.slice(0, Math.min(most, MIN_ENTRIES)).map((decision) => shortenedToBytes(labelOf(decision, 12), 200));
}

function labelOf({ code, request }: RefusedDecision, limit: number): string {
  return `${code}: ${describeRequest(request, limit)} [${describeSource(request.source)}]`;
}

/** Cause and fix in so many bytes. When both are long, each gets half. */
function describeCause({ message, fix }: RefusedDecision, limit: number): string {
  const end = shortenedToBytes(`. Fix: ${fix}`, Math.max(limit - utf8Length(`: ${message}`), Math.floor(limit / 2)));
  return `${shortenedToBytes(`: ${message}`, limit - utf8Length(end))}${end}`;
}

function bytesOf(texts: readonly string[]): number {
  return texts.reduce((bytes, text) => bytes + utf8Length(text) + "; (1) ".length, 0);
}
