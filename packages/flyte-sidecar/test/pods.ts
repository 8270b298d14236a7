/** Pods whose secrets come by a sidecar that only tests have. */
import {
  PROFILES,
  createNaming,
  encodeRequests,
  injected,
  mutatePod,
  type Container,
  type Mutation,
  type Pod,
  type PodSpec,
  type SecretAsk,
  type SecretInjector,
} from "@pod-secrets/core";
import * as z from "zod";

import { addPulledFile, modeOptions, type ModeOptions, type Sidecar, type SidecarOptions } from "../src/index.ts";

export interface VendingSettings {
  readonly machine?: string | undefined;
}

/** A manager with both ways. */
export const vendingOptions: z.ZodType<ModeOptions<VendingSettings>> = modeOptions({
  store: "the machine",
  sidecarMeans: "",
  fetchMeans: "",
  image: "example.com/vend:1",
  otherImage: "has `vend`",
  settings: z.strictObject({ machine: z.string().optional() }),
});

export function sidecarOptions(options: object = {}): SidecarOptions {
  const parsed = vendingOptions.parse(options);
  if (parsed.mode !== "flyte-sidecar") throw new Error("these are options of mode: fetch");
  return parsed;
}

const SIDECAR: Sidecar = {
  volume: "vending-secret-vol",
  namePrefix: "vending-pull-secret-",
  hasEnvVar: false,
  pullOf({ command = [] }) {
    const [program, secret, file] = command;
    return program === "vend" && secret !== undefined && file !== undefined ? { secret, file } : undefined;
  },
};

/** Group and key are a secret of the machine. */
export function vendingManager(options: object = {}, sidecar: Partial<Sidecar> = {}): SecretInjector {
  const own = { ...SIDECAR, ...sidecar };
  return {
    name: "vending",
    inject(pod, request, context) {
      const command = ["vend", `${request.group}/${request.key}`, context.naming.filePath(request)];
      return injected(addPulledFile(pod, context, request, own, { command }, sidecarOptions(options)));
    },
  };
}

export function podAsking(asks: readonly SecretAsk[], spec: Partial<PodSpec> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "task", annotations: encodeRequests(asks) },
    spec: { containers: [{ name: "main", image: "example.com/task:1" }], ...spec },
  };
}

export function admit(pod: Pod, injector: SecretInjector = vendingManager()): Promise<Mutation> {
  const profile = PROFILES["flyte-v1"];
  const facts = { namespace: "default", dryRun: false, deadline: Date.now() + 600_000 };
  return mutatePod(pod, facts, { profile, naming: createNaming(profile), injectors: [injector], onFailure: "deny" });
}

/** The pod with its secrets. @throws Error when it does not get them */
export async function admitted(pod: Pod, injector?: SecretInjector): Promise<Pod> {
  const mutation = await admit(pod, injector);
  if (mutation.outcome !== "changed") throw new Error(JSON.stringify(mutation));
  return mutation.pod;
}

export function initContainers({ spec }: Pod): readonly Container[] {
  return spec?.initContainers ?? [];
}
