/**
 * The contract, on one page: what a secret manager has to be so that the webhook can use it.
 *
 * A package that brings a manager default-exports `defineInjector({ ... })`. The webhook validates the
 * options of its config file, calls `create` once, and then `inject` for each secret that global secrets and
 * earlier managers passed on.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";

import type { ErrorCode, ErrorEntry, InjectorErrorCode } from "./errors.ts";
import type { Naming } from "./naming.ts";
import type { EnvVar, Pod, VolumeMount } from "./pod.ts";
import type { Profile } from "./profile.ts";
import type { MountRequirement, SecretRequest } from "./request.ts";

export type MaybePromise<T> = T | Promise<T>;

/** Gives a pod the secrets of one secret manager. */
export interface SecretInjector {
  /** Name in messages, metrics and decisions: `k8s`, `vault-kv2`. */
  readonly name: string;
  /**
   * Called once per secret and admission, in the order of the requests. Pure: it gives a new pod that shares
   * what it does not change with the one it got, and the same result for the same arguments. No I/O, unless its
   * `meta.readsAtAdmission` says so; when it must wait, it stops at `context.deadline`.
   * @throws SecretError same as returning `refused`
   */
  inject(pod: Pod, request: SecretRequest, context: InjectionContext): MaybePromise<Injection>;
  /** Called once when the webhook stops or has replaced this injector after a config change. */
  dispose?(): MaybePromise<void>;
}

/** What an injector says to one request. */
export type Injection =
  /** The pod now has the secret. Warnings reach whoever created the pod. */
  | { readonly outcome: "injected"; readonly pod: Pod; readonly warnings?: readonly string[] }
  /** Not mine, or I do not have it: the next manager may. The reason is shown when nobody has it. */
  | { readonly outcome: "skipped"; readonly reason: string; readonly fix?: string }
  /** Mine, and wrong: stop here, refuse the pod. */
  | { readonly outcome: "refused"; readonly code: ErrorCode; readonly message: string; readonly fix: string };

/** What differs per cluster and per admission, not per injector. */
export interface InjectionContext {
  /** Read by core's pod editing only. */
  readonly profile: Profile;
  /** Env var names and file paths under which the task looks. */
  readonly naming: Naming;
  /** Namespace of the pod, from the admission request: the object itself may not have it yet. */
  readonly namespace: string;
  /** Who creates the pod, as the API server authenticated them; absent outside the cluster. */
  readonly user?: RequestingUser;
  /** Whether the API server will throw the pod away. */
  readonly dryRun: boolean;
  /** The pod as it arrived: what is in it is the user's. */
  readonly userPod: Pod;
  /** Time by which the answer must be there, in milliseconds since 1970. */
  readonly deadline: number;
  /**
   * Tells whoever creates the pod something that the answer does not show; core's pod editing says by it whose env
   * var won. Each text is passed on once per pod, and only when the asked injector then gives the secret. It changes
   * nothing that an injector can read, so the result stays a function of pod and request.
   */
  readonly warn?: (warning: string) => void;
  /** What the pod's secrets put into every container. Told by core's pod editing only, which refuses two that exclude each other. */
  readonly claims?: Claims;
}

/** What one secret puts into every container, told by core's pod editing while an injector is asked. */
export interface Claims {
  /**
   * An env var for every container.
   * @throws SecretError `E_ENV_COLLISION` when another secret wants the name for something else
   */
  env(entry: EnvVar): void;
  /**
   * A mount for every container.
   * @throws SecretError `E_MOUNT_CONFLICT` when it and the mount of another secret cannot be in one container
   */
  mount(mount: VolumeMount): void;
}

export interface RequestingUser {
  readonly username: string;
  readonly groups: readonly string[];
}

/** A package's default export: data, and a factory. Checked by its fields, never by `instanceof`. */
export interface InjectorPlugin<Schema extends StandardSchemaV1 = StandardSchemaV1> {
  /** Version of this contract. */
  readonly apiVersion: 1;
  /** Name in the config file (`use:`), in messages and metrics: a DNS label. */
  readonly name: string;
  /** What `pod-secrets injectors` and the documents show. */
  readonly meta: InjectorMeta;
  /** Schema of the options in the config file: any library with Standard Schema (zod, valibot, arktype). */
  readonly options: Schema;
  /** The injector's own error codes, `<name>/<what>`. */
  readonly errors?: Readonly<Record<InjectorErrorCode, ErrorEntry>>;
  /** Called once per config with checked options, before the first admission. It may read files; a throw stops the start. */
  create(options: StandardSchemaV1.InferOutput<Schema>, host: InjectorHost): MaybePromise<SecretInjector>;
}

export interface InjectorMeta {
  /** One sentence. */
  readonly summary: string;
  /** What `group` means to it, such as "name of the Secret". */
  readonly group: string;
  /** What `key` means to it. */
  readonly key: string;
  /** What it can give. ANY is always served by one of them. */
  readonly mounts: readonly Exclude<MountRequirement, "ANY">[];
  readonly stability: "stable" | "beta" | "experimental";
  /**
   * Whether it waits for a store during the admission, which then depends on that store: all reads bounded in time and
   * number, none with a side effect, and what was read a moment ago not again. Left out: no.
   */
  readonly readsAtAdmission?: true;
}

/** What the webhook lends to an injector, so that none needs singletons. */
export interface InjectorHost {
  readonly log: Logger;
  /** Aborted when the injector is disposed of. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Whether a command asks, of which no pod comes: what reads at the admission must not, and refuses. */
  readonly offline?: boolean;
  /**
   * Counts what happens beside decisions, in `pod_secrets_injector_events_total`.
   * @param event a DNS label of a few; never anything from a pod
   */
  readonly count?: (event: string) => void;
}

/** Structured log. Fields must not hold secret values. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Types a plugin by its schema; returns it unchanged. */
export function defineInjector<Schema extends StandardSchemaV1>(
  plugin: InjectorPlugin<Schema>,
): InjectorPlugin<Schema> {
  return plugin;
}

/** The secret is in the pod. */
export function injected(pod: Pod, warnings?: readonly string[]): Injection {
  return warnings === undefined || warnings.length === 0
    ? { outcome: "injected", pod }
    : { outcome: "injected", pod, warnings };
}

/** Not this injector's, or it does not have it. */
export function skipped(reason: string, fix?: string): Injection {
  return fix === undefined ? { outcome: "skipped", reason } : { outcome: "skipped", reason, fix };
}

/** This injector's, and wrong. */
export function refused(code: ErrorCode, message: string, fix: string): Injection {
  return { outcome: "refused", code, message, fix };
}
