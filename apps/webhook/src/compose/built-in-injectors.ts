/** The one list of managers that come with the webhook. A new one is a package, a dependency of the app, and its name here. */
import type { InjectorPlugin } from "@pod-secrets/core";
import aws from "@pod-secrets/injector-aws";
import azure from "@pod-secrets/injector-azure";
import confidant from "@pod-secrets/injector-confidant";
import embedded from "@pod-secrets/injector-embedded";
import gcp from "@pod-secrets/injector-gcp";
import globalSecrets from "@pod-secrets/injector-global";
import k8s from "@pod-secrets/injector-k8s";
import vaultDb from "@pod-secrets/injector-vault-db";
import vaultKv1 from "@pod-secrets/injector-vault-kv1";
import vaultKv2 from "@pod-secrets/injector-vault-kv2";

/** Managers that `use:` may name. */
export const BUILT_IN_MANAGERS: readonly InjectorPlugin[] = [
  k8s,
  aws,
  gcp,
  azure,
  confidant,
  vaultKv1,
  vaultKv2,
  vaultDb,
  embedded,
];

/** Global secrets are no choice under `managers:`; they are asked first, and configured under `global:`. */
export const GLOBAL_INJECTOR: InjectorPlugin = globalSecrets;

export const BUILT_IN_INJECTORS: readonly InjectorPlugin[] = [GLOBAL_INJECTOR, ...BUILT_IN_MANAGERS];
