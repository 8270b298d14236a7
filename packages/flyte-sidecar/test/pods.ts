/** Pods whose secrets come by a sidecar that only tests have. */
import {
  injected,
  type Container,
  type Mutation,
  type Pod,
  type PodSpec,
  type SecretAsk,
  type SecretInjector,
} from "@pod-secrets/core";
import { admitPod, admittedPod, secretRequests, testPod, withRequests } from "@pod-secrets/injector-testkit";
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
  return withRequests(testPod(spec), secretRequests(asks));
}

export function admit(pod: Pod, injector: SecretInjector = vendingManager()): Promise<Mutation> {
  return admitPod(pod, [injector]);
}

/** The pod with its secrets. @throws Error when it does not get them */
export function admitted(pod: Pod, injector: SecretInjector = vendingManager()): Promise<Pod> {
  return admittedPod(pod, [injector]);
}

export function initContainers({ spec }: Pod): readonly Container[] {
  return spec?.initContainers ?? [];
}
