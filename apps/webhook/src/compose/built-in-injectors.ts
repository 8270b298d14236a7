/**
 * The one list of managers that come with the webhook. A new one is a package, a dependency of the app, and its name
 * here. Each is loaded when a config names it: what the others are made of costs every start time, and memory for good.
 */
import type { InjectorPlugin } from "@pod-secrets/core";
import globalSecrets from "@pod-secrets/injector-global";

/** By the name in `use:`, in the order of listings. */
const MANAGERS = {
  k8s: () => import("@pod-secrets/injector-k8s"),
  aws: () => import("@pod-secrets/injector-aws"),
  gcp: () => import("@pod-secrets/injector-gcp"),
  azure: () => import("@pod-secrets/injector-azure"),
  confidant: () => import("@pod-secrets/injector-confidant"),
  "vault-kv1": () => import("@pod-secrets/injector-vault-kv1"),
  "vault-kv2": () => import("@pod-secrets/injector-vault-kv2"),
  "vault-db": () => import("@pod-secrets/injector-vault-db"),
  embedded: () => import("@pod-secrets/injector-embedded"),
} satisfies Readonly<Record<string, () => Promise<{ readonly default: InjectorPlugin }>>>;

/** Global secrets are no choice under `managers:`; they are asked first, and configured under `global:`. */
export const GLOBAL_INJECTOR: InjectorPlugin = globalSecrets;

/** What `use:` may name. */
export const MANAGER_NAMES = Object.keys(MANAGERS) as readonly (keyof typeof MANAGERS)[];

export function isManagerName(text: string): text is (typeof MANAGER_NAMES)[number] {
  return Object.hasOwn(MANAGERS, text);
}

export async function loadManager(name: (typeof MANAGER_NAMES)[number]): Promise<InjectorPlugin> {
  return (await MANAGERS[name]()).default;
}
