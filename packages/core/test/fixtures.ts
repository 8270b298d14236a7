/** Pods, contexts and settings as the tests need them. */
import {
  PROFILES,
  createNaming,
  encodeRequests,
  type AdmissionFacts,
  type InjectionContext,
  type MutationSettings,
  type Pod,
  type PodSpec,
  type ProfileName,
  type SecretAsk,
  type SecretInjector,
  type SecretRequest,
} from "../src/index.ts";

/** Both generations of Flyte, for `describe.each`. */
export const PROFILE_NAMES = ["flyte-v1", "flyte-v2"] as const satisfies readonly ProfileName[];

/** A pod that asks for secrets. */
export function askingPod(asks: readonly SecretAsk[], spec: PodSpec = { containers: [{ name: "main" }] }): Pod {
  return { metadata: { annotations: encodeRequests(asks) }, spec };
}

/** A request as `decodeRequests` gives it. */
export function request(ask: SecretAsk, source: string = "flyte.secrets/s0"): SecretRequest {
  return { source, group: "", groupVersion: "", key: "", mountRequirement: "ANY", envVar: "", ...ask };
}

/** The context in which a pod arrived. */
export function contextOf(userPod: Pod, profile: ProfileName = "flyte-v1"): InjectionContext {
  const naming = createNaming(PROFILES[profile]);
  return { profile: PROFILES[profile], naming, ...FACTS, userPod };
}

/** Settings with some injectors. */
export function settingsWith(
  injectors: readonly SecretInjector[],
  profile: ProfileName = "flyte-v1",
  onFailure: MutationSettings["onFailure"] = "deny",
): MutationSettings {
  return { profile: PROFILES[profile], naming: createNaming(PROFILES[profile]), injectors, onFailure };
}

export const FACTS: AdmissionFacts = {
  namespace: "flytesnacks-development",
  dryRun: false,
  deadline: Number.MAX_SAFE_INTEGER,
};

/** A deep copy, as from the wire. */
export function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
