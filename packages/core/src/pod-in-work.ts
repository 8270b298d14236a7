/** The pod while its secrets are injected: as it is checked, and as the injector that gives secrets now has made it. */
import { refusalOf, type Refusal } from "./ask-injector.ts";
import { refusedBy, type Step } from "./decide.ts";
import type { Decision, InjectedDecision } from "./decision.ts";
import type { InjectionContext } from "./injector.ts";
import { adoptPod, checkedChange } from "./pod-check/injection-check.ts";
import type { Pod } from "./pod.ts";

/**
 * An injector's pods are taken over and checked once for all secrets that it gave in a row, since one change of thirty
 * containers is checked as fast as the next hundred. Nobody else's secret is built on a pod that did not pass.
 */
export interface Work {
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
export type TakeOver = (before: Pod, foreign: object) => Pod;

/** For `trust`. */
export function takeAsItIs(context: InjectionContext): TakeOver {
  return (before, pod) => checkedChange(before, pod, context);
}

/** For `copy` and `freeze`. */
export function takeCopies(context: InjectionContext): TakeOver {
  return (before, foreign) => adoptPod(before, foreign, context);
}

/** @param pod as it arrived */
export function openWork(pod: Pod, takeOver: TakeOver): Work {
  return { decisions: [], takeOver, checked: pod, current: pod, unchecked: [] };
}

/** Notes what became of one request. */
export function record(work: Work, { decision, pod }: Step): void {
  if (pod !== undefined) {
    work.current = pod;
    work.unchecked.push(work.decisions.length);
  }
  work.decisions.push(decision);
}

/** Whether the injector that gave the secrets which are not checked yet gave this one as well. */
export function isGivenByTheLast({ decisions, unchecked }: Work, { decision }: Step): boolean {
  const last = decisions[unchecked[0] ?? -1];
  return last?.outcome === "injected" && decision.outcome === "injected" && last.injector === decision.injector;
}

/** Takes over what the last injector made, or refuses all of it. @returns whether there was nothing to refuse */
export function settle(work: Work): boolean {
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
