/**
 * The record of one secret in one admission: who was asked, and what each said. The refusal, warnings, audit
 * annotations, logs, metrics and `explain` are all drawn from it. It holds names, never values.
 */
import { quoted, type ErrorCode } from "./errors.ts";
import type { SecretRequest } from "./request.ts";

/** What one injector said to one request. */
export type Answer =
  | { readonly injector: string; readonly outcome: "injected" }
  | { readonly injector: string; readonly outcome: "skipped"; readonly reason: string; readonly fix?: string }
  | {
      readonly injector: string;
      readonly outcome: "refused";
      readonly code: ErrorCode;
      readonly message: string;
      readonly fix: string;
    };

/** What became of one request. */
export type Decision = InjectedDecision | RefusedDecision;

export interface InjectedDecision {
  readonly outcome: "injected";
  readonly request: SecretRequest;
  /** The injectors asked, in order; the last one injected it. */
  readonly answers: readonly Answer[];
  /** Name of the injector that has it. */
  readonly injector: string;
  readonly warnings: readonly string[];
}

export interface RefusedDecision {
  readonly outcome: "refused";
  readonly request: SecretRequest;
  /** The injectors asked, in order. Empty when the request itself is wrong. */
  readonly answers: readonly Answer[];
  readonly code: ErrorCode;
  readonly message: string;
  readonly fix: string;
}

/** Longest refusal, in characters: it stands in one line of `kubectl` and of Flyte's console. */
export const MAX_REFUSAL_LENGTH = 1000;

/** `group "user-info" key "password"`, with the version and the mount requirement where they matter. */
export function describeRequest(request: SecretRequest): string {
  const parts = [`group ${quoted(request.group)}`];
  if (request.groupVersion !== "") parts.push(`version ${quoted(request.groupVersion)}`);
  parts.push(`key ${quoted(request.key)}`);
  if (request.mountRequirement !== "ANY") parts.push(`as ${request.mountRequirement}`);
  return parts.join(" ");
}

/** One message for a refused pod: every refused secret with code, cause and fix, as far as the length allows. */
export function describeRefusal(decisions: readonly Decision[]): string {
  const refused = decisions.filter((decision) => decision.outcome === "refused");
  const head = `pod-secrets: ${refused.length} of ${decisions.length} secrets cannot be injected`;
  // Several short entries tell more than one long one: share what there is.
  const share = Math.max(120, Math.floor((MAX_REFUSAL_LENGTH - head.length - 40) / Math.min(refused.length, 7)) - 8);
  let text = head;
  for (const [index, decision] of refused.entries()) {
    const entry = ` (${index + 1}) ${cut(describeRefused(decision), share)}`;
    const rest = refused.length - index;
    if (text.length + entry.length + 40 > MAX_REFUSAL_LENGTH) return `${text} … and ${rest} more`;
    text += `${index === 0 ? ":" : ";"}${entry}`;
  }
  return text;
}

/** One refused secret in one line. */
export function describeRefused(decision: RefusedDecision): string {
  const { code, request, message, fix } = decision;
  return `${code}: ${describeRequest(request)} [${request.source}]: ${message}. Fix: ${fix}`;
}

/** The decision on one secret in one line. */
export function describeDecision(decision: Decision): string {
  if (decision.outcome === "refused") return `refused ${describeRefused(decision)}`;
  const passed = decision.answers.filter((answer) => answer.outcome === "skipped").map((answer) => answer.injector);
  const after = passed.length === 0 ? "" : ` (after ${passed.join(", ")})`;
  return `injected ${describeRequest(decision.request)} [${decision.request.source}] by ${decision.injector}${after}`;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
