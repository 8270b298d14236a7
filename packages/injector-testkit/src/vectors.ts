/**
 * Golden vectors: pods before and after Flyte's own webhook (v1.16.8 and v2), made by running its Go code.
 * Pods are compared in the vectors' normal form, see {@link normalisePod}.
 */
import { decodeRequests, type Decision, type Pod, type ProfileName, type SecretRequest } from "@pod-secrets/core";

import { secretRequests, type RequestFields } from "./requests.ts";

/** One vector, as it stands in the file. */
export interface MutationVector {
  readonly id: string;
  readonly flyte: string;
  /** At which level of Flyte it was taken: one manager, or the whole webhook. */
  readonly level: string;
  readonly config: VectorConfig;
  readonly secrets: readonly VectorSecret[];
  readonly pod_in: unknown;
  readonly pod_out?: unknown;
  /** Flyte's error, where it injects nothing. */
  readonly error?: string;
  readonly note?: string;
  /** Whether it shows a fault of Flyte, and not what should be. */
  readonly bug?: boolean;
}

/** The parts of Flyte's configuration that vary from vector to vector. */
export interface VectorConfig {
  readonly manager?: string;
  readonly secretManagerType?: string;
  readonly secretManagerTypes?: readonly string[];
  readonly secretEnvVarPrefix?: string;
  readonly vaultSecretManager?: {
    readonly role?: string;
    readonly kvVersion?: string;
    readonly annotations?: Readonly<Record<string, string | undefined>>;
  };
  /** What Embedded's store holds, by Flyte's names. */
  readonly backend_string_secrets?: Readonly<Record<string, string>>;
  readonly backend_binary_secrets_base64?: Readonly<Record<string, string>>;
  readonly webhook_process_env?: Readonly<Record<string, string | undefined>>;
  readonly webhook_files_under_secrets_prefix?: Readonly<Record<string, string | undefined>>;
}

/** A secret as a vector writes it: field names of the protobuf message. */
export interface VectorSecret {
  readonly group?: string;
  readonly group_version?: string;
  readonly key?: string;
  readonly mount_requirement?: string | number;
  readonly env_var?: string;
}

/** The file of vectors; `JSON.parse` of it is enough. */
export interface VectorFile {
  readonly vectors: readonly MutationVector[];
}

/** What became of a vector here. */
export interface VectorResult {
  /** The pod, in normal form; as it came in when it was refused. */
  readonly pod: Pod;
  readonly decisions: readonly Decision[];
}

/** The profile that a vector is about. */
export function profileOf({ flyte, id }: MutationVector): ProfileName {
  if (flyte === "v1" || flyte === "v2") return `flyte-${flyte}`;
  throw new Error(`vector ${id}: flyte is ${flyte}, and not v1 or v2`);
}

/** Names of the managers that a vector is about; without Global, which Flyte always asks first. */
export function managersOf({ config }: MutationVector): readonly string[] {
  const { manager, secretManagerType, secretManagerTypes } = config;
  return secretManagerTypes ?? [manager ?? secretManagerType].filter((name) => name !== undefined);
}

/** Whether global secrets are part of a vector. */
export function hasGlobalSecrets({ config }: MutationVector): boolean {
  return (
    config.manager === "Global" ||
    config.webhook_process_env !== undefined ||
    config.webhook_files_under_secrets_prefix !== undefined
  );
}

/**
 * The requests of a vector, or `undefined` when one has a mount requirement that does not exist: no request can
 * hold it, since decoding the annotation refuses it.
 */
export function requestsOf({ secrets, pod_in: podIn }: MutationVector): readonly SecretRequest[] | undefined {
  // Where the whole webhook was asked, the requests are on the pod.
  if (secrets.length === 0) return decodeRequests((podIn as Pod).metadata?.annotations);
  const fields = secrets.map(fieldsOf);
  return fields.every((entry) => entry !== undefined) ? secretRequests(fields) : undefined;
}

function fieldsOf(secret: VectorSecret): RequestFields | undefined {
  const { group = "", group_version: groupVersion = "", key = "", env_var: envVar = "" } = secret;
  const { mount_requirement: mountRequirement = "ANY" } = secret;
  if (mountRequirement !== "ANY" && mountRequirement !== "ENV_VAR" && mountRequirement !== "FILE") return undefined;
  return { group, groupVersion, key, mountRequirement, envVar };
}

/** Whether the vector went through the whole webhook, so that its pods carry the annotations of the requests. */
export function hasAnnotations({ pod_out: podOut }: MutationVector): boolean {
  const annotations = (podOut as Pod | undefined)?.metadata?.annotations ?? {};
  return Object.keys(annotations).some((key) => key.startsWith("flyte.secrets/s"));
}

/**
 * A pod in the normal form of the vectors: without `metadata.creationTimestamp: null`, `status: {}` and
 * `resources: {}`, which Go writes; an env var without a value has the value `""`; empty lists and empty
 * objects of metadata are left out, as Go's `omitempty` does.
 */
export function normalisePod(pod: unknown): Pod {
  return normalise(pod, "") as Pod;
}

/** What Go leaves out when it is empty. An `emptyDir: {}` says something, and stays. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  ...["metadata", "annotations", "labels", "status", "resources", "creationTimestamp"],
  ...["env", "volumeMounts", "volumes", "initContainers", "imagePullSecrets"],
]);

function normalise(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((entry) => (name === "env" ? normaliseEnv(entry) : normalise(entry, "")));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, normalise(part, key)] as const);
  return Object.fromEntries(entries.filter(([key, part]) => !(LEFT_OUT.has(key) && isEmpty(part))));
}

function normaliseEnv(entry: object): unknown {
  return "value" in entry || "valueFrom" in entry ? entry : { ...entry, value: "" };
}

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === "object" && Object.keys(value).length === 0);
}

/**
 * The expected pod with its placeholders `{uuid-N}` replaced by what stands there in ours: Flyte draws a random
 * UUID for each secret, we make a stable id. A placeholder without counterpart stays, so that the comparison
 * shows it.
 */
export function fillPlaceholders(expected: Pod, ours: Pod): Pod {
  let text = JSON.stringify(expected);
  for (const [key, value] of Object.entries(expected.metadata?.annotations ?? {})) {
    const at = /\{uuid-\d+\}/.exec(key);
    if (at === null || !text.includes(at[0])) continue;
    const id = idInPlaceOf(key, at.index, value, ours);
    if (id !== undefined) text = text.replaceAll(at[0], id);
  }
  return JSON.parse(text) as Pod;
}

function idInPlaceOf(key: string, start: number, value: string, ours: Pod): string | undefined {
  const prefix = key.slice(0, start);
  const same = Object.entries(ours.metadata?.annotations ?? {}).find(
    ([candidate, theirs]) => candidate.startsWith(prefix) && theirs === value,
  );
  return same?.[0].slice(prefix.length);
}
