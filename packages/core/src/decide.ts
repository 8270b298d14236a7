/** Asks the injectors for one secret, in order: the first that has it, gives it. */
import { ask, type AskedInjection, type Refusal } from "./ask-injector.ts";
import type { Answer, Decision } from "./decision.ts";
import { ERRORS } from "./errors.ts";
import type { InjectionContext, SecretInjector } from "./injector.ts";
import type { ClaimBook } from "./pod-editing/claims.ts";
import type { Pod } from "./pod.ts";
import type { SecretRequest } from "./request.ts";
import type { WarningCollector } from "./warnings.ts";

/** One secret while the injectors are asked for it. */
export interface Question {
  readonly pod: Pod;
  readonly request: SecretRequest;
  readonly injectors: readonly SecretInjector[];
  readonly context: InjectionContext;
  readonly warnings: WarningCollector;
  readonly claimed: ClaimBook;
  /** What those asked so far said. */
  readonly answers: Answer[];
}

/** What became of one request, and the pod that an injector returned for it. */
export interface Step {
  readonly decision: Decision;
  readonly pod?: object;
}

/** Asks the injectors in order, from one on. Built-in ones answer at once, and then no turn is spent on waiting. */
export function decide(question: Question, from: number = 0): Step | Promise<Step> {
  const { pod, request, injectors, context, answers } = question;
  for (let at = from; at < injectors.length; at++) {
    const injector = injectors[at] as SecretInjector;
    const answer = ask(injector, pod, request, context);
    if (answer instanceof Promise)
      return answer.then((injection) => hear(question, injector, injection) ?? decide(question, at + 1));
    const step = hear(question, injector, answer);
    if (step !== undefined) return step;
  }
  return { decision: nobodyHasIt(request, answers) };
}

/** Notes what an injector said; `undefined` when the next one is to be asked. */
function hear(
  { request, answers, warnings: collected, claimed }: Question,
  { name }: SecretInjector,
  injection: AskedInjection,
): Step | undefined {
  if (injection.outcome === "injected") {
    answers.push({ injector: name, outcome: "injected" });
    claimed.keep();
    const told = collected.take();
    const warnings = told.length === 0 ? injection.warnings : [...injection.warnings, ...told];
    return { pod: injection.pod, decision: { outcome: "injected", request, answers, injector: name, warnings } };
  }
  collected.drop();
  claimed.drop();
  answers.push({ injector: name, ...injection });
  return injection.outcome === "refused" ? { decision: refusedBy(name, request, answers, injection) } : undefined;
}

/** Who refused it stands before the cause. */
export function refusedBy(
  injector: string,
  request: SecretRequest,
  answers: readonly Answer[],
  { code, message, fix }: Refusal,
): Decision {
  return { outcome: "refused", request, answers, code, message: `${injector}: ${message}`, fix };
}

/** A manager that says how it could have the secret is nearer than one that never could, so it is named first. */
function nobodyHasIt(request: SecretRequest, answers: readonly Answer[]): Decision {
  const skips = answers.filter((answer) => answer.outcome === "skipped");
  const near = skips.filter((answer) => answer.fix !== undefined);
  const far = skips.filter((answer) => answer.fix === undefined);
  const reasons = byReason([...near, ...far]);
  const fixes = new Set(near.map((answer) => answer.fix));
  const message = reasons.length === 0 ? "no secret manager is configured" : reasons.join("; ");
  const fix = fixes.size === 0 ? ERRORS.E_NOT_INJECTED.fix : [...fixes].join(" ");
  return { outcome: "refused", request, answers, code: "E_NOT_INJECTED", message, fix };
}

/** `k8s, aws: the key is missing`: each reason once, with all who gave it. */
function byReason(skips: readonly Extract<Answer, { outcome: "skipped" }>[]): readonly string[] {
  const names = new Map<string, string[]>();
  for (const { injector, reason } of skips) {
    const same = names.get(reason);
    if (same === undefined) names.set(reason, [injector]);
    else same.push(injector);
  }
  return [...names].map(([reason, injectors]) => `${injectors.join(", ")}: ${reason}`);
}
