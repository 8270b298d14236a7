/**
 * What an injector may return. It is somebody else's code, so what comes back is held against the pod that
 * went in: additions in the allowed places, and nothing of the user's changed.
 */
import jsonPatch from "fast-json-patch";

import type { Injection } from "../injector.ts";
import type { Container, EnvVar, Pod, PodSpec, Volume } from "../pod.ts";

/** What is wrong with an injector's answer, as the end of a sentence, or `undefined`. */
export function checkInjection(before: Pod, injection: Injection): string | undefined {
  if (!isObject(injection)) return "returned no injection";
  switch (injection.outcome) {
    case "injected":
      return checkInjected(before, injection);
    case "skipped":
      return typeof injection.reason === "string" ? undefined : "skipped without a reason";
    case "refused":
      return isText(injection.code) && isText(injection.message) && isText(injection.fix)
        ? undefined
        : "refused without code, message and fix";
    default:
      return "returned an unknown outcome";
  }
}

function checkInjected(before: Pod, injection: Extract<Injection, { outcome: "injected" }>): string | undefined {
  const { pod, warnings } = injection;
  if (!isObject(pod)) return "returned no pod";
  if (warnings !== undefined && !(Array.isArray(warnings) && warnings.every(isText)))
    return "returned warnings that are no texts";
  return checkPodChange(before, pod);
}

function checkPodChange(before: Pod, after: Pod): string | undefined {
  if (before === after) return undefined;
  return (
    onlyChanged(before, after, POD_FIELDS, "the pod") ??
    onlyChanged(before.metadata, after.metadata, ["annotations"], "the pod's metadata") ??
    checkAnnotations(before, after) ??
    checkSpec(before.spec, after.spec)
  );
}

function checkAnnotations(before: Pod, after: Pod): string | undefined {
  const old = before.metadata?.annotations ?? {};
  const now = after.metadata?.annotations ?? {};
  if (old === now) return undefined;
  for (const [key, value] of Object.entries(old)) {
    if (!Object.hasOwn(now, key) || now[key] !== value) return "changed or removed an annotation of the pod";
  }
  return Object.values(now).every(isText) ? undefined : "set an annotation that is no text";
}

function checkSpec(before: PodSpec | undefined, after: PodSpec | undefined): string | undefined {
  if (before === after) return undefined;
  if (!isObject(after)) return "removed the pod's spec";
  return (
    onlyChanged(before, after, SPEC_LISTS, "the pod's spec") ??
    SPEC_LISTS.map((list) => (isListOrAbsent(after[list]) ? undefined : `made spec.${list} no list`)).find(isText) ??
    keepsEntries(before?.volumes, after.volumes, isSameVolume, isAllowedVolume, "spec.volumes") ??
    keepsEntries(before?.imagePullSecrets, after.imagePullSecrets, isSame, isObject, "spec.imagePullSecrets") ??
    keepsEntries(
      before?.initContainers,
      after.initContainers,
      isSameContainer,
      isAllowedContainer,
      "spec.initContainers",
    ) ??
    keepsEntries(before?.containers, after.containers, isSameContainer, () => false, "spec.containers")
  );
}

/** Every entry of `before` is in `after`, in its order; what is new beside them is allowed. */
function keepsEntries<T>(
  before: readonly T[] | undefined,
  after: readonly T[] | undefined,
  isSameEntry: (old: T, now: T) => boolean,
  mayAdd: (entry: T) => boolean,
  where: string,
): string | undefined {
  if (before === after) return undefined;
  const old = before ?? [];
  let next = 0;
  for (const entry of after ?? []) {
    if (next < old.length && isSameEntry(old[next] as T, entry)) next++;
    else if (!mayAdd(entry)) return `added an entry to ${where} that is not allowed, or changed one`;
  }
  return next === old.length ? undefined : `removed, changed or reordered an entry of ${where}`;
}

function isSameContainer(old: Container, now: Container): boolean {
  if (old === now) return true;
  if (!isObject(now) || onlyChanged(old, now, CONTAINER_LISTS, "") !== undefined) return false;
  const mounts = keepsEntries(old.volumeMounts, now.volumeMounts, isSame, isObject, "");
  return mounts === undefined && keepsEnv(old.env, now.env);
}

/** The profile may replace a variable of the user by another of the same name; it never just disappears. */
function keepsEnv(before: readonly EnvVar[] | undefined, after: readonly EnvVar[] | undefined): boolean {
  if (before === after) return true;
  if (!Array.isArray(after)) return false;
  const list: readonly EnvVar[] = after;
  let next = 0;
  for (const entry of before ?? []) {
    const at = list.findIndex((candidate, index) => index >= next && isSame(candidate, entry));
    if (at !== -1) next = at + 1;
    else if (!list.some((candidate) => candidate.name === entry.name)) return false;
  }
  return list.every(isObject);
}

/** A volume stays as it is, but for keys that join the volume of a Secret. */
function isSameVolume(old: Volume, now: Volume): boolean {
  if (isSame(old, now)) return true;
  if (!isObject(now) || onlyChanged(old, now, ["secret"], "") !== undefined) return false;
  if (onlyChanged(old.secret, now.secret, ["items"], "") !== undefined) return false;
  return keepsEntries(old.secret?.items, now.secret?.items, isSame, isObject, "") === undefined;
}

// A path of the node in a pod is a way out of the container (Pod Security Standards, "baseline").
function isAllowedVolume(volume: Volume): boolean {
  return isObject(volume) && volume.hostPath === undefined;
}

function isAllowedContainer(container: Container): boolean {
  return isObject(container) && container.securityContext?.privileged !== true;
}

/** Fields beside `allowed` are the same in both. */
function onlyChanged(before: unknown, after: unknown, allowed: readonly string[], what: string): string | undefined {
  if (before === after) return undefined;
  const old = isObject(before) ? before : {};
  if (!isObject(after)) return `removed ${what}`;
  for (const key of Object.keys(old)) {
    if (!allowed.includes(key) && !isSame(old[key], after[key])) return `changed a field of ${what} that it must not`;
  }
  for (const key of Object.keys(after)) {
    if (!Object.hasOwn(old, key) && !allowed.includes(key)) return `added a field to ${what} that it must not`;
  }
  return undefined;
}

const POD_FIELDS = ["metadata", "spec"];
const SPEC_LISTS = [
  "volumes",
  "imagePullSecrets",
  "initContainers",
  "containers",
] as const satisfies readonly (keyof PodSpec)[];
const CONTAINER_LISTS = ["env", "volumeMounts"];

/** Identical, or equal copies: an injector may have cloned the pod. */
function isSame(before: unknown, after: unknown): boolean {
  return before === after || jsonPatch.compare({ value: before }, { value: after }).length === 0;
}

function isListOrAbsent(value: unknown): boolean {
  return value === undefined || Array.isArray(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
