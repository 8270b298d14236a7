/** What the webhook gives to an injector, for tests. */
import {
  PROFILES,
  createNaming,
  type InjectionContext,
  type InjectorHost,
  type Pod,
  type ProfileName,
} from "@pod-secrets/core";

/** What may differ from one test to the next. */
export interface ContextSettings {
  /** `flyte-v1` unless told otherwise. */
  readonly profile?: ProfileName;
  /** Prefix of env vars with secrets; the profile's unless told otherwise. */
  readonly envPrefix?: string;
  /** Directory of secret files; Flyte's unless told otherwise. */
  readonly mountRoot?: string;
  /** Namespace of the pod; the pod's own, or `default`. */
  readonly namespace?: string;
  /** The pod as it arrived, where that is not `pod` itself. */
  readonly userPod?: Pod;
  /** Milliseconds since 1970; ten minutes from now unless told otherwise. */
  readonly deadline?: number;
  /** Gets the warnings of core's pod editing and of the injector. They go nowhere unless told otherwise. */
  readonly warn?: (warning: string) => void;
}

/** How long an injector may take, in milliseconds. Long enough that a debugger does not matter. */
const PATIENCE = 600_000;

/** The context of one admission of `pod`. */
export function injectionContext(pod: Pod, settings: ContextSettings = {}): InjectionContext {
  const profile = PROFILES[settings.profile ?? "flyte-v1"];
  return {
    profile,
    naming: createNaming(profile, settings.envPrefix, settings.mountRoot),
    namespace: settings.namespace ?? pod.metadata?.namespace ?? "default",
    user: { username: "system:serviceaccount:flyte:flytepropeller", groups: ["system:authenticated"] },
    dryRun: false,
    userPod: settings.userPod ?? pod,
    deadline: settings.deadline ?? Date.now() + PATIENCE,
    warn: settings.warn ?? ignore,
  };
}

function ignore(): void {}

/** A host whose signal the test can abort, and whose log goes nowhere. */
export function testHost(signal: AbortSignal = new AbortController().signal): InjectorHost {
  return { log: { debug: ignore, info: ignore, warn: ignore, error: ignore }, signal, clock: () => Date.now() };
}
