/**
 * The record of one secret in one admission: who was asked, and what each said. The refusal, warnings, audit
 * annotations, logs, metrics and `explain` are all drawn from it. It holds names, never values.
 */
import { type ErrorCode } from "./errors.ts";
import { quoted } from "./printable.ts";
import { describeSource, type SecretRequest } from "./request.ts";

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
      /** Where in the injector's code it failed, such as `acme.js:12:5`: for the log, and not for the pod's creator. */
      readonly place?: string;
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

/** `group "user-info" key "password"`, with the version and the mount requirement where they matter. */
export function describeRequest(request: SecretRequest, limit: number = 63): string {
  const parts = [`group ${quoted(request.group, limit)}`];
  if (request.groupVersion !== "") parts.push(`version ${quoted(request.groupVersion, limit)}`);
  parts.push(`key ${quoted(request.key, limit)}`);
  if (request.mountRequirement !== "ANY") parts.push(`as ${request.mountRequirement}`);
  return parts.join(" ");
}

/** One refused secret in one line. */
export function describeRefused({ code, request, message, fix }: RefusedDecision): string {
  return `${code}: ${describeRequest(request)} [${describeSource(request.source)}]: ${message}. Fix: ${fix}`;
}
