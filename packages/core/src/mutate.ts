/**
 * The way of one pod, a straight line: annotations -> requests -> pipeline -> pod check -> patch.
 * The webhook and the command line both go it.
 */
import { checkAnnotationLength, checkPatchLength, checkPlacements, checkResult } from "./admission-limits.ts";
import { checkEnvVars } from "./asked-env-vars.ts";
import { describeRefused, type Decision } from "./decision.ts";
import { ERRORS, isSecretError, type ErrorCode, type SecretError } from "./errors.ts";
import type { InjectionContext, RequestingUser, SecretInjector } from "./injector.ts";
import type { Naming } from "./naming.ts";
import { createPatch, type PatchOperation } from "./patch.ts";
import { runPipeline, type Isolation, type PipelineResult, type StepObserver } from "./pipeline.ts";
import { checkShape } from "./pod-check/pod-shape.ts";
import { checkAdditions } from "./pod-check/pod-validity.ts";
import { checkAnnounced } from "./pod-editing/announced-mounts.ts";
import type { Pod } from "./pod.ts";
import type { Profile } from "./profile.ts";
import { describeError, describeRefusal } from "./refusal.ts";
import type { SecretRequest } from "./request.ts";
import { decodeRequests } from "./requests/annotations.ts";

/** What the configuration settles once for all admissions. */
export interface MutationSettings {
  readonly profile: Profile;
  readonly naming: Naming;
  /** Global secrets first, then the configured managers. */
  readonly injectors: readonly SecretInjector[];
  /** What becomes of a pod whose secrets cannot all be injected: `deny` refuses it, `admit` lets it start without any. */
  readonly onFailure: "deny" | "admit";
  /** How far the injectors are kept from the pod; `copy` when left out. */
  readonly isolation?: Isolation;
}

/** What is known of one admission beside the pod. */
export interface AdmissionFacts {
  readonly namespace: string;
  readonly user?: RequestingUser;
  readonly dryRun: boolean;
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

/** What became of a pod. Where it does not get its secrets, every decision is refused, if only with `E_WITHDRAWN`. */
export type Mutation =
  /** It asks for no secret, has them already, or starts without any (`onFailure: admit`, as a warning says). */
  | {
      readonly outcome: "unchanged";
      readonly pod: Pod;
      readonly decisions: readonly Decision[];
      readonly warnings: readonly string[];
      /** Why it starts without its secrets; only then. */
      readonly failure?: MutationFailure;
    }
  | {
      readonly outcome: "changed";
      readonly pod: Pod;
      readonly patch: readonly PatchOperation[];
      readonly decisions: readonly Decision[];
      readonly warnings: readonly string[];
    }
  /** It must not start. */
  | (MutationFailure & { readonly outcome: "refused"; readonly decisions: readonly Decision[] });

/** Why a pod cannot get its secrets. */
export interface MutationFailure {
  /** Of the first secret that nobody could give, or of the pod as a whole: then there is none, and perhaps no decision. */
  readonly code: ErrorCode;
  /** One line of at most 1,000 bytes. */
  readonly message: string;
}

/** Gives a pod the secrets it asks for. Never throws for what is in the pod. */
export async function mutatePod(
  pod: Pod,
  facts: AdmissionFacts,
  settings: MutationSettings,
  observe?: StepObserver,
): Promise<Mutation> {
  const { profile, naming } = settings;
  const context: InjectionContext = Object.freeze({ ...facts, profile, naming, userPod: pod });
  let decisions: readonly Decision[] = [];
  try {
    checkAnnotationLength(pod.metadata?.annotations);
    const requests = decodeRequests(pod.metadata?.annotations);
    if (requests.length === 0) return { outcome: "unchanged", pod, decisions, warnings: [] };
    checkShape(pod);
    checkPlacements(pod, requests.length);
    const { injectors, isolation } = settings;
    const first = await runPipeline(pod, requests, injectors, context, { observe, isolation });
    const result = addedContainer(pod, first.pod) ? await runAgain(first, requests, settings, context, observe) : first;
    decisions = result.decisions;
    const [firstRefused] = refusedAmong(decisions);
    if (firstRefused !== undefined) return failDecisions(pod, firstRefused.code, decisions, settings);
    checkAdditions(pod, result.pod);
    checkTogether(result, requests, naming);
    return change(pod, result.pod, decisions, requests.length);
  } catch (error) {
    if (!isSecretError(error)) throw error;
    return failPod(pod, error, decisions, settings);
  }
}

/**
 * A container that one secret brought is seen by those after it only. The API server may call again with the result, and
 * then it would get those before it as well: so it gets them now, and a second call has nothing to add.
 */
async function runAgain(
  first: PipelineResult,
  requests: readonly SecretRequest[],
  { injectors, isolation }: MutationSettings,
  context: InjectionContext,
  observe: StepObserver | undefined,
): Promise<PipelineResult> {
  if (refusedAmong(first.decisions).length > 0) return first;
  const again = await runPipeline(first.pod, requests, injectors, context, { observe, isolation });
  return refusedAmong(again.decisions).length > 0 ? again : { ...again, decisions: first.decisions };
}

/**
 * Checks what no injector can see of its secret alone: an annotation that comes later may announce a mount.
 * @throws SecretError `E_MOUNT_CONFLICT`, `E_ENV_COLLISION`
 */
function checkTogether({ pod, claimed }: PipelineResult, requests: readonly SecretRequest[], naming: Naming): void {
  for (const mount of claimed.mounts) checkAnnounced(pod, mount, naming.mountRoot);
  // Who edits containers by hand has claimed nothing.
  checkEnvVars(requests.filter(({ envVar }) => envVar !== "" && !claimed.hasEnv(envVar)));
}

function addedContainer(before: Pod, after: Pod): boolean {
  return (after.spec?.initContainers ?? []).length > (before.spec?.initContainers ?? []).length;
}

function change(before: Pod, after: Pod, decisions: readonly Decision[], secrets: number): Mutation {
  const warnings = decisions.flatMap((decision) => (decision.outcome === "injected" ? decision.warnings : []));
  const patch = createPatch(before, after);
  checkPatchLength(patch);
  if (patch.length > 0) checkResult(after, secrets);
  return patch.length === 0
    ? { outcome: "unchanged", pod: before, decisions, warnings }
    : { outcome: "changed", pod: after, patch, decisions, warnings };
}

function failDecisions(
  pod: Pod,
  code: ErrorCode,
  decisions: readonly Decision[],
  { onFailure }: MutationSettings,
): Mutation {
  const failure = { code, message: describeRefusal(decisions) };
  if (onFailure === "deny") return { outcome: "refused", ...failure, decisions: decisions.map(withdrawn) };
  return admitWithout(pod, failure, refusedAmong(decisions).map(describeRefused), decisions);
}

function failPod(
  pod: Pod,
  error: SecretError,
  decisions: readonly Decision[],
  { onFailure }: MutationSettings,
): Mutation {
  const failure = { code: error.code, message: describeError(error) };
  if (onFailure === "deny") return { outcome: "refused", ...failure, decisions: decisions.map(withdrawn) };
  return admitWithout(pod, failure, [failure.message], decisions);
}

function admitWithout(
  pod: Pod,
  failure: MutationFailure,
  causes: readonly string[],
  decisions: readonly Decision[],
): Mutation {
  const warnings = ["the pod starts without its secrets (onFailure: admit)", ...causes];
  return { outcome: "unchanged", pod, decisions: decisions.map(withdrawn), warnings, failure };
}

/** A secret that an injector gave and the pod does not get. */
function withdrawn(decision: Decision): Decision {
  if (decision.outcome === "refused") return decision;
  const { request, answers, injector } = decision;
  const message = `${injector} has it, but the pod cannot get all its secrets`;
  return { outcome: "refused", request, answers, code: "E_WITHDRAWN", message, fix: ERRORS.E_WITHDRAWN.fix };
}

function refusedAmong(decisions: readonly Decision[]): readonly Extract<Decision, { outcome: "refused" }>[] {
  return decisions.filter((decision) => decision.outcome === "refused");
}
