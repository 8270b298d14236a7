/** One admission of a pod, on the way that the webhook goes. */
import {
  PROFILES,
  createNaming,
  encodeRequests,
  mutatePod,
  type Annotations,
  type InjectionContext,
  type Mutation,
  type Pod,
  type PodSpec,
  type ProfileName,
  type RefusedDecision,
  type SecretAsk,
  type SecretInjector,
} from "@pod-secrets/core";

import { createAgentInjector, valueTemplate, type AgentOptions, type VaultEngine } from "../src/index.ts";

/** Engines as the three packages declare them. */
export const KV1: VaultEngine = {
  injector: "vault-kv1",
  groupVersion: "kv1",
  unversioned: false,
  pathRules: { isQuoted: true },
  examplePath: "secret/app",
  template: (path, key) => valueTemplate(path, ".Data", key),
  errorOnMissingKey: true,
};
export const KV2: VaultEngine = {
  injector: "vault-kv2",
  groupVersion: "kv2",
  unversioned: true,
  pathRules: { query: /^version=[0-9]+$/, isQuoted: true },
  examplePath: "secret/data/app",
  template: (path, key) => valueTemplate(path, ".Data.data", key),
  errorOnMissingKey: true,
};
export const DB: VaultEngine = {
  injector: "vault-db",
  groupVersion: "db",
  unversioned: false,
  pathRules: { isQuoted: false },
  examplePath: "database/creds/app",
  errorOnMissingKey: false,
};

const OPTIONS: AgentOptions = { role: "flyte", annotations: {}, fileCase: "lower" };

export function injectorOf(engine: VaultEngine, options: Partial<AgentOptions> = {}): SecretInjector {
  return createAgentInjector(engine, { ...OPTIONS, ...options });
}

export interface Circumstances {
  readonly profile?: ProfileName;
  readonly namespace?: string;
  readonly injectors?: readonly SecretInjector[];
}

/** A pod that asks for these secrets, with the annotations and the spec that matter. */
export function podAsking(asks: readonly SecretAsk[], annotations: Annotations = {}, spec: Partial<PodSpec> = {}): Pod {
  return {
    metadata: { name: "task", annotations: { ...encodeRequests(asks), ...annotations } },
    spec: { containers: [{ name: "main", image: "example.com/task:1" }], ...spec },
  };
}

/** What the webhook makes of the pod. All three engines are configured unless told otherwise. */
export function admit(pod: Pod, circumstances: Circumstances = {}): Promise<Mutation> {
  const profile = PROFILES[circumstances.profile ?? "flyte-v1"];
  const facts = { namespace: circumstances.namespace ?? "default", dryRun: false, deadline: Date.now() + 10_000 };
  const injectors = circumstances.injectors ?? [KV2, KV1, DB].map((engine) => injectorOf(engine));
  return mutatePod(pod, facts, { profile, naming: createNaming(profile), injectors, onFailure: "deny" });
}

/** The pod after its admission, which must succeed. */
export async function admitted(pod: Pod, circumstances: Circumstances = {}): Promise<Pod> {
  const mutation = await admit(pod, circumstances);
  if (mutation.outcome === "refused") throw new Error(mutation.message);
  return mutation.pod;
}

/** Why the first secret of the pod that cannot be given was refused. */
export async function refusal(pod: Pod, circumstances: Circumstances = {}): Promise<RefusedDecision> {
  const { decisions } = await admit(pod, circumstances);
  const refused = decisions.find((decision) => decision.outcome === "refused" && decision.code !== "E_WITHDRAWN");
  if (refused?.outcome !== "refused") throw new Error("no secret was refused");
  return refused;
}

/** The context in which an injector is asked, for tests that look at one injector alone. */
export function contextOf(pod: Pod, profile: ProfileName = "flyte-v1"): InjectionContext {
  return {
    profile: PROFILES[profile],
    naming: createNaming(PROFILES[profile]),
    namespace: "default",
    dryRun: false,
    userPod: pod,
    deadline: Date.now() + 10_000,
  };
}

const PREFIX = "vault.hashicorp.com/";

/** Annotations for the Vault Agent Injector, without their prefix and with `ID` for the ids of secrets. */
export function agentAnnotations(pod: Pod): Readonly<Record<string, string>> {
  const own = Object.entries(pod.metadata?.annotations ?? {}).filter(([name]) => name.startsWith(PREFIX));
  return Object.fromEntries(
    own.map(([name, value]) => [name.slice(PREFIX.length).replace(/fs-[0-9a-f]{20}$/, "ID"), value]),
  );
}

/** Ids of the secrets of a pod, in the order in which they were added. */
export function secretIds(pod: Pod): readonly string[] {
  const stem = `${PREFIX}agent-inject-secret-`;
  return Object.keys(pod.metadata?.annotations ?? {}).flatMap((name) =>
    name.startsWith(stem) ? [name.slice(stem.length)] : [],
  );
}
