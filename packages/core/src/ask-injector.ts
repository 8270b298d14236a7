/** Asks one injector for one secret: what it throws, what it may not return and what comes too late is a refusal. */
import { ERRORS, SecretError, isSecretError } from "./errors.ts";
import { isIdentifier } from "./grammar.ts";
import type { Injection, InjectionContext, SecretInjector } from "./injector.ts";
import { adoptInjection, type ForeignInjection } from "./pod-check/injection-check.ts";
import type { Pod } from "./pod.ts";
import type { SecretRequest } from "./request.ts";
import { thrownPlace } from "./thrown-place.ts";

/** A refusal, and where in the injector's code an error came from that is not in its catalogue. */
export type Refusal = Extract<Injection, { outcome: "refused" }> & { readonly place?: string };

/** What an injector said, or the refusal that stands for its failure. */
export type AskedInjection = Exclude<ForeignInjection, { readonly outcome: "refused" }> | Refusal;

/** Asks one injector; a promise only when it answers with one. Never throws, and never rejects. */
export function ask(
  injector: SecretInjector,
  pod: Pod,
  request: SecretRequest,
  context: InjectionContext,
): AskedInjection | Promise<AskedInjection> {
  try {
    const injection: unknown = injector.inject(pod, request, context);
    if (!isPromiseLike(injection)) return adoptInjection(injection);
    return withDeadline(injection, context.deadline).then(adoptInjection).catch(refusalOf);
  } catch (error) {
    return refusalOf(error);
  }
}

/** A thrown error as a refusal. */
export function refusalOf(error: unknown): Refusal {
  try {
    if (!isSecretError(error)) return failure(className(error), thrownPlace(error));
    const { code, message, fix } = error;
    const refusal = adoptInjection({ outcome: "refused", code, message, fix });
    if (refusal.outcome === "refused") return refusal;
  } catch {
    // An error that cannot even be read.
  }
  return failure("something that is no error");
}

function failure(what: string, place?: string): Refusal {
  const { fix } = ERRORS.E_INJECTOR_FAILED;
  const refusal = { outcome: "refused", code: "E_INJECTOR_FAILED", message: `it failed with ${what}`, fix } as const;
  return place === undefined ? refusal : { ...refusal, place };
}

/** The text of a foreign error may hold a value; the name of its class does not. */
function className(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  const { name } = error.constructor;
  return isIdentifier(name) && name.length <= 63 ? name : "an error";
}

function withDeadline(promise: PromiseLike<unknown>, deadline: number): Promise<unknown> {
  return new Promise<unknown>((resolve, reject) => {
    // Date.now and not a clock of the context: the timer below runs on the same one.
    const left = Math.max(0, Math.min(deadline - Date.now(), MAX_TIMER));
    const timer = setTimeout(() => {
      reject(new SecretError("E_INJECTOR_TIMEOUT", `no answer within ${left} ms`));
    }, left);
    void Promise.resolve(promise)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
      });
  });
}

/** Longest timer that JavaScript engines keep, 2^31 - 1 ms; a longer one fires at once. */
const MAX_TIMER = 2_147_483_647;

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
