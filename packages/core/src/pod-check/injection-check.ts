/**
 * What an injector says, as plain data of ours. An injector is somebody else's code: its answer is read once, held
 * against the pod that went in, and its texts become one line each.
 */
import { ERRORS, SecretError, type ErrorCode } from "../errors.ts";
import type { Injection, InjectionContext } from "../injector.ts";
import { isJsonObject, type JsonObject } from "../object-change.ts";
import type { Pod } from "../pod.ts";
import { oneLine } from "../printable.ts";
import { adoptJson } from "./plain-json.ts";
import { podChangeFault } from "./pod-change.ts";

/** Longest reason, message or fix that is kept; several have to fit in a refusal of 1 kB. */
const MAX_TEXT_LENGTH = 500;
/** Most warnings of one injection. */
const MAX_WARNINGS = 20;
const INJECTOR_CODE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** What an injector said, with a pod that is still the injector's: {@link adoptPod} takes that over. */
export type ForeignInjection =
  | Exclude<Injection, { readonly outcome: "injected" }>
  | { readonly outcome: "injected"; readonly pod: object; readonly warnings: readonly string[] };

/**
 * The injection as plain data, but for its pod.
 * @throws SecretError `E_INJECTOR_RESULT` when it is no injection
 */
export function adoptInjection(injection: unknown): ForeignInjection {
  if (!isJsonObject(injection)) throw fault("it returned no injection");
  const { outcome } = injection;
  if (outcome === "injected") return adoptInjected(injection);
  if (outcome === "skipped") return adoptSkipped(injection);
  if (outcome === "refused") return adoptRefused(injection);
  throw fault("it returned an unknown outcome");
}

/**
 * The pod of an injection as plain data, which shares with `before` all that is the same.
 * @throws SecretError `E_INJECTOR_RESULT` when it is no plain JSON, or changes what an injector must not change
 */
export function adoptPod(before: Pod, foreign: object, context: InjectionContext): Pod {
  const pod = adoptJson(foreign, before, (what) => fault(`it returned ${what}`)) as Pod;
  return checkedChange(before, pod, context);
}

/**
 * The pod of an injection that is plain JSON and shares with `before` all that is the same.
 * @throws SecretError `E_INJECTOR_RESULT` when it changes what an injector must not change
 */
export function checkedChange(before: Pod, pod: Pod, context: InjectionContext): Pod {
  const problem = podChangeFault(before, pod, context);
  if (problem !== undefined) throw fault(`it ${problem}`);
  return pod;
}

/** What is wrong with an injector's answer, or `undefined`. */
export function checkInjection(before: Pod, injection: Injection, context: InjectionContext): string | undefined {
  try {
    const answer = adoptInjection(injection);
    if (answer.outcome === "injected") adoptPod(before, answer.pod, context);
    return undefined;
  } catch (error) {
    return error instanceof SecretError ? error.message : "it returned an object that cannot be read";
  }
}

function adoptInjected({ pod, warnings }: JsonObject): ForeignInjection {
  if (!isJsonObject(pod)) throw fault("it returned no pod");
  return { outcome: "injected", pod, warnings: warnings === undefined ? [] : adoptWarnings(warnings) };
}

function adoptWarnings(warnings: unknown): readonly string[] {
  if (!Array.isArray(warnings)) throw fault("it returned warnings that are no list");
  return warnings.slice(0, MAX_WARNINGS).map((warning) => adoptText(warning, "a warning"));
}

function adoptSkipped({ reason, fix }: JsonObject): ForeignInjection {
  const text = adoptText(reason, "a reason");
  return fix === undefined
    ? { outcome: "skipped", reason: text }
    : { outcome: "skipped", reason: text, fix: adoptText(fix, "a fix") };
}

function adoptRefused({ code, message, fix }: JsonObject): ForeignInjection {
  if (typeof code !== "string" || !isErrorCode(code)) throw fault("it refused with a code that is no error code");
  const told = fix === "" ? ERRORS.E_INJECTOR_FAILED.fix : fix;
  return { outcome: "refused", code, message: adoptText(message, "a message"), fix: adoptText(told, "a fix") };
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code) || INJECTOR_CODE.test(code);
}

function adoptText(text: unknown, what: string): string {
  if (typeof text !== "string") throw fault(`it answered with ${what} that is no text`);
  return oneLine(text, MAX_TEXT_LENGTH);
}

function fault(message: string): SecretError {
  return new SecretError("E_INJECTOR_RESULT", message);
}
