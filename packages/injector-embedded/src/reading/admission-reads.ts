/**
 * The reads of one admission: each secret is asked for once, whatever happens in the store meanwhile, and all of them
 * have a time that they share.
 */
import type { Pod } from "@pod-secrets/core";

import { lookupOrder, type Scope, type ScopedName } from "../scope.ts";
import { ABSENT, type Answer } from "./answer.ts";
import type { StoreReads } from "./store-reads.ts";

export interface AdmissionReads {
  /**
   * Looks for a secret in the scopes of a pod. Only when the narrower one has none is the next asked.
   * @param userPod the pod as it arrived, which stands for its admission
   * @param left milliseconds until the admission must be answered
   */
  find(userPod: Pod, scope: Scope, key: string, left: number): Answer | Promise<Answer>;
}

interface Admission {
  /** Of `elapsed`. */
  readonly end: number;
  readonly answers: Map<string, Answer | Promise<Answer>>;
}

/**
 * @param budget milliseconds for all secrets of a pod
 * @param elapsed milliseconds that only grow
 */
export function createAdmissionReads(reads: StoreReads, budget: number, elapsed: () => number): AdmissionReads {
  const admissions = new WeakMap<Pod, Admission>();
  return {
    find(userPod, scope, key, left) {
      const admission = admissions.get(userPod) ?? {
        end: elapsed() + Math.min(budget, left),
        answers: new Map<string, Answer | Promise<Answer>>(),
      };
      admissions.set(userPod, admission);
      const answer = admission.answers.get(key) ?? lookUp(reads, lookupOrder(scope, key), admission.end);
      admission.answers.set(key, answer);
      return answer;
    },
  };
}

/** What is known already is answered at once, without a turn of the event loop. */
function lookUp(reads: StoreReads, [name, ...wider]: readonly ScopedName[], end: number): Answer | Promise<Answer> {
  if (name === undefined) return ABSENT;
  const answer = reads.ask(name, end);
  return answer instanceof Promise
    ? answer.then((told) => orWider(told, reads, wider, end))
    : orWider(answer, reads, wider, end);
}

function orWider(
  answer: Answer,
  reads: StoreReads,
  wider: readonly ScopedName[],
  end: number,
): Answer | Promise<Answer> {
  return answer.outcome === "absent" ? lookUp(reads, wider, end) : answer;
}
