/**
 * The way of one pod, a straight line: annotations -> requests -> pipeline -> pod check -> patch.
 * The webhook and the command line both go it.
 */
import { describeRefusal, type Decision } from "./decision.ts";
import { ERRORS, isSecretError } from "./errors.ts";
import type { InjectionContext, RequestingUser, SecretInjector } from "./injector.ts";
import type { Naming } from "./naming.ts";
import { createPatch, type PatchOperation } from "./patch.ts";
import { runPipeline, type StepObserver } from "./pipeline.ts";
import { checkPod } from "./pod-check/pod-validity.ts";
import type { Pod } from "./pod.ts";
import type { Profile } from "./profile.ts";
import { decodeRequests } from "./requests/annotations.ts";

/** What the configuration settles once for all admissions. */
export interface MutationSettings {
  readonly profile: Profile;
  readonly naming: Naming;
  /** Global secrets first, then the configured managers. */
  readonly injectors: readonly SecretInjector[];
  /** What becomes of a pod whose secrets cannot all be injected: `deny` refuses it, `admit` lets it start without any. */
  readonly onFailure: "deny" | "admit";
}

/** What is known of one admission beside the pod. */
export interface AdmissionFacts {
  readonly namespace: string;
  readonly user?: RequestingUser;
  readonly dryRun: boolean;
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

/** What became of a pod. */
export type Mutation =
  /** It asks for no secret, or has them already. */
  | {
      readonly outcome: "unchanged";
      readonly pod: Pod;
      readonly decisions: readonly Decision[];
      readonly warnings: readonly string[];
    }
  | {
      readonly outcome: "changed";
      readonly pod: Pod;
      readonly patch: readonly PatchOperation[];
      readonly decisions: readonly Decision[];
      readonly warnings: readonly string[];
    }
  /** It must not start. */
  | { readonly outcome: "refused"; readonly message: string; readonly decisions: readonly Decision[] };

/** Gives a pod the secrets it asks for. Never throws for what is in the pod. */
export async function mutatePod(
  pod: Pod,
  facts: AdmissionFacts,
  settings: MutationSettings,
  observe?: StepObserver,
): Promise<Mutation> {
  const { profile, naming } = settings;
  const context: InjectionContext = { ...facts, profile, naming, userPod: pod };
  let decisions: readonly Decision[] = [];
  try {
    const requests = decodeRequests(pod.metadata?.annotations);
    if (requests.length === 0) return { outcome: "unchanged", pod, decisions, warnings: [] };
    const result = await runPipeline(pod, requests, settings.injectors, context, observe);
    decisions = result.decisions;
    if (decisions.some((decision) => decision.outcome === "refused"))
      return fail(pod, describeRefusal(decisions), decisions, settings);
    checkPod(pod, result.pod);
    const warnings = decisions.flatMap((decision) => (decision.outcome === "injected" ? decision.warnings : []));
    const patch = createPatch(pod, result.pod);
    if (patch.length === 0) return { outcome: "unchanged", pod, decisions, warnings };
    return { outcome: "changed", pod: result.pod, patch, decisions, warnings };
  } catch (error) {
    if (!isSecretError(error)) throw error;
    return fail(
      pod,
      `pod-secrets: ${error.code}: ${error.message}. Fix: ${error.fix || ERRORS.E_NOT_INJECTED.fix}`,
      decisions,
      settings,
    );
  }
}

function fail(pod: Pod, message: string, decisions: readonly Decision[], settings: MutationSettings): Mutation {
  if (settings.onFailure === "deny") return { outcome: "refused", message, decisions };
  const warning = `the pod starts without its secrets (onFailure: admit): ${message}`;
  return { outcome: "unchanged", pod, decisions, warnings: [warning] };
}
