/** Asks the injectors for each secret, in order; the first that has it, gives it. */
import type { Answer, Decision } from "./decision.ts";
import { ERRORS, SecretError, isSecretError } from "./errors.ts";
import type { Injection, InjectionContext, SecretInjector } from "./injector.ts";
import { checkInjection } from "./pod-check/injection-check.ts";
import type { Pod } from "./pod.ts";
import type { SecretRequest } from "./request.ts";

/** What the pipeline made of a pod. A refused secret changes nothing; the others are still asked for, so that one answer names all that is wrong. */
export interface PipelineResult {
  readonly pod: Pod;
  readonly decisions: readonly Decision[];
}

/** Sees each step with the pod before and after it, for `explain`. The pods may hold secret values. */
export type StepObserver = (decision: Decision, before: Pod, after: Pod) => void;

/**
 * Runs every request through the injectors.
 * @param injectors in order: global secrets first, then the configured managers
 */
export async function runPipeline(
  pod: Pod,
  requests: readonly SecretRequest[],
  injectors: readonly SecretInjector[],
  context: InjectionContext,
  observe?: StepObserver,
): Promise<PipelineResult> {
  const decisions: Decision[] = [];
  let current = pod;
  for (const request of requests) {
    // In order on purpose: each secret sees the pod that the ones before it made.
    // oxlint-disable-next-line no-await-in-loop
    const step = await decide(current, request, injectors, context);
    decisions.push(step.decision);
    observe?.(step.decision, current, step.pod);
    current = step.pod;
  }
  return { pod: current, decisions };
}

interface Step {
  readonly pod: Pod;
  readonly decision: Decision;
}

async function decide(
  pod: Pod,
  request: SecretRequest,
  injectors: readonly SecretInjector[],
  context: InjectionContext,
): Promise<Step> {
  const answers: Answer[] = [];
  for (const injector of injectors) {
    const asked = ask(injector, pod, request, context);
    // Built-in injectors answer at once; awaiting only promises saves a turn per secret.
    // oxlint-disable-next-line no-await-in-loop
    const injection = asked instanceof Promise ? await asked : asked;
    if (injection.outcome === "injected") {
      answers.push({ injector: injector.name, outcome: "injected" });
      const warnings = injection.warnings ?? [];
      return {
        pod: injection.pod,
        decision: { outcome: "injected", request, answers, injector: injector.name, warnings },
      };
    }
    answers.push({ injector: injector.name, ...injection });
    if (injection.outcome === "refused") {
      const { code, message, fix } = injection;
      return {
        pod,
        decision: { outcome: "refused", request, answers, code, message: `${injector.name}: ${message}`, fix },
      };
    }
  }
  return { pod, decision: nobodyHasIt(request, answers) };
}

function nobodyHasIt(request: SecretRequest, answers: readonly Answer[]): Decision {
  const reasons = answers.flatMap((answer) =>
    answer.outcome === "skipped" ? [`${answer.injector}: ${answer.reason}`] : [],
  );
  const fixes = new Set(
    answers.flatMap((answer) => (answer.outcome === "skipped" && answer.fix !== undefined ? [answer.fix] : [])),
  );
  const message = reasons.length === 0 ? "no secret manager is configured" : reasons.join("; ");
  const fix = fixes.size === 0 ? ERRORS.E_NOT_INJECTED.fix : [...fixes].join(" ");
  return { outcome: "refused", request, answers, code: "E_NOT_INJECTED", message, fix };
}

type Settled = Extract<Injection, { outcome: "injected" | "skipped" | "refused" }>;

function ask(
  injector: SecretInjector,
  pod: Pod,
  request: SecretRequest,
  context: InjectionContext,
): Settled | Promise<Settled> {
  try {
    const injection = injector.inject(pod, request, context);
    if (!isPromiseLike(injection)) return checked(pod, injection, injector);
    return withDeadline(injection, injector, context).then((settled) => checked(pod, settled, injector), failed);
  } catch (error) {
    return failed(error);
  }
}

/** What came back may be anything: an injector is somebody else's code. */
function checked(pod: Pod, injection: Injection, injector: SecretInjector): Settled {
  const problem = checkInjection(pod, injection);
  if (problem === undefined) return injection;
  return {
    outcome: "refused",
    code: "E_INJECTOR_RESULT",
    message: `injector ${injector.name} ${problem}`,
    fix: ERRORS.E_INJECTOR_RESULT.fix,
  };
}

function failed(error: unknown): Settled {
  if (isSecretError(error)) return { outcome: "refused", code: error.code, message: error.message, fix: error.fix };
  // The text of a foreign error may hold a value; its class name does not.
  const name = error instanceof Error ? error.constructor.name : typeof error;
  return {
    outcome: "refused",
    code: "E_INJECTOR_FAILED",
    message: `it failed with ${name}`,
    fix: ERRORS.E_INJECTOR_FAILED.fix,
  };
}

function withDeadline<T>(promise: PromiseLike<T>, injector: SecretInjector, context: InjectionContext): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    // Date.now and not a clock of the context: the timer below runs on the same one.
    const left = Math.max(0, Math.min(context.deadline - Date.now(), MAX_TIMER));
    const timer = setTimeout(() => {
      reject(new SecretError("E_INJECTOR_TIMEOUT", `injector ${injector.name} did not answer within ${left} ms`));
    }, left);
    Promise.resolve(promise)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

/** Longest timer that JavaScript engines keep, 2^31 - 1 ms; a longer one fires at once. */
const MAX_TIMER = 2_147_483_647;

function isPromiseLike(value: unknown): value is PromiseLike<Injection> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
