/** Asks the injectors for each secret, in order; the first that has it, gives it. */
import { ask, refusalOf, type AskedInjection, type Refusal } from "./ask-injector.ts";
import { envVarFault } from "./asked-env-vars.ts";
import type { Answer, Decision, InjectedDecision } from "./decision.ts";
import { ERRORS } from "./errors.ts";
import { freezeJson } from "./frozen.ts";
import type { InjectionContext, SecretInjector } from "./injector.ts";
import { adoptPod, checkedChange } from "./pod-check/injection-check.ts";
import { openClaims, type ClaimBook } from "./pod-editing/claims.ts";
import type { Pod } from "./pod.ts";
import { oneLine } from "./printable.ts";
import type { SecretRequest } from "./request.ts";
import { collectWarnings, type WarningCollector } from "./warnings.ts";

/** What the pipeline made of a pod. A refused secret changes nothing; the others are still asked for, so that one answer names all that is wrong. */
export interface PipelineResult {
  readonly pod: Pod;
  readonly decisions: readonly Decision[];
  /** What the secrets put into every container, whatever these hold. */
  readonly claimed: Pick<ClaimBook, "hasEnv" | "mounts">;
}

/**
 * Sees each step with the pod before and after it, for `explain`. The pods may hold secret values. When a secret brought
 * a container, there is a second step for each, and the last word on them all is in the mutation's decisions.
 */
export type StepObserver = (decision: Decision, before: Pod, after: Pod) => void;

/**
 * How far injectors are kept from the pod of the pipeline:
 * - `trust`: what one returns is taken as it is. For injectors that the conformance suite was run on, such as those of
 *   this repository: it found their pods to be plain JSON, made copy-on-write.
 * - `copy`: what is new in the pod that one returns is read once, into plain JSON of ours.
 * - `freeze`: also, each pod is frozen with all that is in it before an injector sees it, the one that `mutatePod` got,
 *   too. An injector that writes to its pod instead of returning another one leaves no difference, so its secret would
 *   be lost without a word; frozen, the write throws and the secret is refused with `E_INJECTOR_FAILED`.
 *
 * Whatever it is, the changes are held against what an injector may change. `copy` costs a walk over what is new,
 * `freeze` one over the whole pod.
 */
export type Isolation = "trust" | "copy" | "freeze";

export interface PipelineOptions {
  readonly observe?: StepObserver | undefined;
  /** See `MutationSettings.isolation`. */
  readonly isolation?: Isolation | undefined;
}

/**
 * Runs every request through the injectors.
 * @param injectors in order: global secrets first, then the configured managers
 */
export async function runPipeline(
  pod: Pod,
  requests: readonly SecretRequest[],
  injectors: readonly SecretInjector[],
  context: InjectionContext,
  { observe, isolation = "copy" }: PipelineOptions = {},
): Promise<PipelineResult> {
  const warnings = collectWarnings((text) => oneLine(text, MAX_WARNING_LENGTH));
  const claimed = openClaims(context.naming.mountRoot);
  const asked: InjectionContext = Object.freeze({ ...context, warn: warnings.warn, claims: claimed.claims });
  const work: Work = {
    decisions: [],
    takeOver: isolation === "trust" ? takeAsItIs(context) : takeCopies(context),
    checked: pod,
    current: pod,
    unchecked: [],
  };
  const frozen = new Set<object>();
  for (const request of requests) {
    // Taken over before it is frozen: what an injector returned is its own object.
    if (isolation === "freeze") {
      settle(work);
      freezeJson(work.current, frozen);
    }
    const decideOn = (current: Pod): Step | Promise<Step> =>
      refusedUnasked(request, context) ??
      decide({ pod: current, request, injectors, context: asked, warnings, claimed, answers: [] });
    let before = work.current;
    const decided = decideOn(before);
    // In order on purpose: each secret sees the pod that the ones before it made.
    // oxlint-disable-next-line no-await-in-loop
    let step = decided instanceof Promise ? await decided : decided;
    if (!isGivenByTheLast(work, step) && !settle(work)) {
      // Asked with a pod that did not pass, which is no fault of whoever answered: so once more, with one that did.
      before = work.current;
      // oxlint-disable-next-line no-await-in-loop
      step = await decideOn(before);
    }
    record(work, step);
    if (observe === undefined) continue;
    settle(work);
    observe(work.decisions.at(-1) ?? step.decision, before, work.current);
  }
  settle(work);
  return { pod: work.checked, decisions: work.decisions, claimed };
}

/**
 * An injector's pods are taken over and checked once for all secrets that it gave in a row, since one change of thirty
 * containers is checked as fast as the next hundred. Nobody else's secret is built on a pod that did not pass.
 */
interface Work {
  readonly decisions: Decision[];
  readonly takeOver: TakeOver;
  /** The pod with all secrets that are checked. */
  checked: Pod;
  /** The pod that the last injector returned. */
  current: Pod;
  /** Where its decisions stand. */
  unchecked: number[];
}

/** Makes the pod that an injector returned the pipeline's own. @throws SecretError `E_INJECTOR_RESULT` */
type TakeOver = (before: Pod, foreign: object) => Pod;

function takeAsItIs(context: InjectionContext): TakeOver {
  return (before, pod) => checkedChange(before, pod, context);
}

function takeCopies(context: InjectionContext): TakeOver {
  return (before, foreign) => adoptPod(before, foreign, context);
}

/** Longest warning that is kept, in characters; what goes to the API server is shorter still. */
const MAX_WARNING_LENGTH = 500;

/** What became of one request, and the pod that an injector returned for it. */
interface Step {
  readonly decision: Decision;
  readonly pod?: object;
}

function record(work: Work, { decision, pod }: Step): void {
  if (pod !== undefined) {
    work.current = pod;
    work.unchecked.push(work.decisions.length);
  }
  work.decisions.push(decision);
}

/** Whether the injector that gave the secrets which are not checked yet gave this one as well. */
function isGivenByTheLast({ decisions, unchecked }: Work, { decision }: Step): boolean {
  const last = decisions[unchecked[0] ?? -1];
  return last?.outcome === "injected" && decision.outcome === "injected" && last.injector === decision.injector;
}

/** Takes over what the last injector made, or refuses all of it. @returns whether there was nothing to refuse */
function settle(work: Work): boolean {
  const { unchecked } = work;
  if (unchecked.length === 0) return true;
  work.unchecked = [];
  try {
    work.checked = work.takeOver(work.checked, work.current);
    return true;
  } catch (error) {
    const refusal = refusalOf(error);
    for (const at of unchecked) work.decisions[at] = withdrawn(work.decisions[at] as InjectedDecision, refusal);
    return false;
  } finally {
    work.current = work.checked;
  }
}

function withdrawn({ request, answers, injector }: InjectedDecision, refusal: Refusal): Decision {
  return refusedBy(injector, request, [...answers.slice(0, -1), { injector, ...refusal }], refusal);
}

/** One secret while the injectors are asked for it. */
interface Question {
  readonly pod: Pod;
  readonly request: SecretRequest;
  readonly injectors: readonly SecretInjector[];
  readonly context: InjectionContext;
  readonly warnings: WarningCollector;
  readonly claimed: ClaimBook;
  /** What those asked so far said. */
  readonly answers: Answer[];
}

/** A request that is wrong whoever has the secret. */
function refusedUnasked(request: SecretRequest, { naming }: InjectionContext): Step | undefined {
  const fault = envVarFault(request, naming);
  return fault === undefined ? undefined : { decision: { outcome: "refused", request, answers: [], ...fault } };
}

/** Asks the injectors in order, from one on. Built-in ones answer at once, and then no turn is spent on waiting. */
function decide(question: Question, from: number = 0): Step | Promise<Step> {
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

function refusedBy(
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
