/** Asks one injector for several secrets of one pod, as the pipeline does, and keeps every step. */
import {
  isSecretError,
  quoted,
  type Injection,
  type InjectionContext,
  type InjectorPlugin,
  type Pod,
  type SecretInjector,
  type SecretRequest,
} from "@pod-secrets/core";

import { injectionContext, type ContextSettings } from "../contexts.ts";
import { checkAnswer, checkWarning } from "./check-answer.ts";

/** One secret: who asked for what, and what became of the pod. */
export interface Step {
  readonly request: SecretRequest;
  readonly before: Pod;
  readonly answer: Injection;
  readonly after: Pod;
}

/** All secrets of one pod. */
export interface Admission {
  readonly context: InjectionContext;
  readonly before: Pod;
  readonly after: Pod;
  readonly steps: readonly Step[];
}

/**
 * Asks for each request in turn. Whatever comes back is held against the rules of wording.
 * @throws Error when the injector throws something else than a SecretError, or words an answer wrongly
 */
export async function admit(
  plugin: InjectorPlugin,
  injector: SecretInjector,
  pod: Pod,
  requests: readonly SecretRequest[],
  settings: ContextSettings = {},
): Promise<Admission> {
  const context = injectionContext(pod, { warn: checkWarning, ...settings });
  const steps: Step[] = [];
  let current = pod;
  for (const request of requests) {
    const asked = ask(injector, current, request, context);
    // Each secret sees the pod that the ones before it made.
    // oxlint-disable-next-line no-await-in-loop
    const answer = asked instanceof Promise ? await asked : asked;
    checkAnswer(plugin, answer);
    const after = answer.outcome === "injected" ? answer.pod : current;
    steps.push({ request, before: current, answer, after });
    current = after;
  }
  return { context, before: pod, after: current, steps };
}

/**
 * Asks for one secret. A SecretError is the refusal that it stands for.
 * @throws Error when the injector throws anything else
 */
export function ask(
  injector: SecretInjector,
  pod: Pod,
  request: SecretRequest,
  context: InjectionContext,
): Injection | Promise<Injection> {
  try {
    const answer = injector.inject(pod, request, context);
    return isPromise(answer) ? Promise.resolve(answer).catch(refusalOf) : answer;
  } catch (error) {
    return refusalOf(error);
  }
}

function isPromise(answer: unknown): answer is PromiseLike<Injection> {
  return typeof answer === "object" && answer !== null && "then" in answer;
}

function refusalOf(error: unknown): Injection {
  if (isSecretError(error)) {
    return { outcome: "refused", code: error.code, message: error.message, fix: error.fix };
  }
  const name = error instanceof Error ? `${error.constructor.name}: ${error.message}` : typeof error;
  throw new Error(`inject threw something that is no SecretError: ${quoted(name, 200)}`, { cause: error });
}

/** The answers that gave a secret. */
export function injectedSteps({ steps }: Admission): readonly Step[] {
  return steps.filter(({ answer }) => answer.outcome === "injected");
}

/** An answer in one line. */
export function describeAnswer(answer: Injection): string {
  switch (answer.outcome) {
    case "injected":
      return "injected";
    case "skipped":
      return `skipped (${answer.reason})`;
    case "refused":
      return `refused (${answer.code}: ${answer.message})`;
  }
}
