/** One secret of a pod after the other, each with the pod that those before it made. */
import { envVarFault } from "./asked-env-vars.ts";
import { decide, type Step } from "./decide.ts";
import type { Decision } from "./decision.ts";
import { freezeJson } from "./frozen.ts";
import type { InjectionContext, SecretInjector } from "./injector.ts";
import { openClaims, type ClaimBook } from "./pod-editing/claims.ts";
import type { Pod } from "./pod.ts";
import { oneLine } from "./printable.ts";
import type { SecretRequest } from "./request.ts";
import { collectWarnings } from "./warnings.ts";
import { isGivenByTheLast, openWork, record, settle, takeAsItIs, takeCopies } from "./pod-in-work.ts";

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
  const work = openWork(pod, isolation === "trust" ? takeAsItIs(context) : takeCopies(context));
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

/** Longest warning that is kept, in characters; what goes to the API server is shorter still. */
const MAX_WARNING_LENGTH = 500;

/** A request that is wrong whoever has the secret. */
function refusedUnasked(request: SecretRequest, { naming }: InjectionContext): Step | undefined {
  const fault = envVarFault(request, naming);
  return fault === undefined ? undefined : { decision: { outcome: "refused", request, answers: [], ...fault } };
}
