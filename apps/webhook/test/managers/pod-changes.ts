/** What became of the user's part of a pod, and how much was added; counted without what the webhook knows of it. */
import { isDeepStrictEqual } from "node:util";

import type { PatchOperation } from "@pod-secrets/core";

import { added, list, nameOf, object } from "./pod-rules.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * Every part of the user's that is gone or another one, but for env vars that the profile's rule lets a secret replace.
 * @param replaces whether a secret's env var replaces one of the user's (`flyte-v2`), or the user's stays
 */
export function changesOfUserParts(before: Json, after: Json, replaces: boolean): readonly string[] {
  const [oldMetadata, metadata] = [object(before["metadata"]), object(after["metadata"])];
  const [oldSpec, spec] = [object(before["spec"]), object(after["spec"])];
  const containers = (of: Json): readonly Json[] => list(of["containers"]);
  const init = (of: Json): readonly Json[] => list(of["initContainers"]);
  return [
    ...otherFields("pod", before, after, ["metadata", "spec"]),
    ...otherFields("metadata", oldMetadata, metadata, ["annotations"]),
    ...otherFields("spec", oldSpec, spec, ["volumes", "initContainers", "containers"]),
    ...Object.entries(object(oldMetadata["annotations"]))
      .filter(([key, value]) => object(metadata["annotations"])[key] !== value)
      .map(([key]) => `annotation ${key}`),
    ...volumeChanges(list(oldSpec["volumes"]), list(spec["volumes"])),
    ...(containers(spec).length === containers(oldSpec).length ? [] : ["number of containers"]),
    ...(isSubsequence(init(oldSpec).map(nameOf), init(spec).map(nameOf)) ? [] : ["init containers"]),
    ...[...init(oldSpec), ...containers(oldSpec)].flatMap((old) => {
      const now = [...init(spec), ...containers(spec)].find((container) => nameOf(container) === nameOf(old));
      return now === undefined ? [nameOf(old)] : containerChanges(old, now, replaces);
    }),
  ];
}

/** Keys join a volume that has the name and the form of a secret's: a pod that was admitted before has such. */
function volumeChanges(before: readonly Json[], after: readonly Json[]): readonly string[] {
  const withoutItems = (volume: Json): Json => {
    const { items: _, ...secret } = object(volume["secret"]);
    return { ...volume, secret };
  };
  const hasItems = before.map((volume) => itemsOf(volume).length > 0);
  const now = after.filter((volume) => before.some((old) => nameOf(old) === nameOf(volume)));
  const isSame = before.map((old, at) => {
    const volume = now[at] ?? {};
    if (hasItems[at] !== true) return isDeepStrictEqual(old, volume);
    return isDeepStrictEqual(withoutItems(old), withoutItems(volume)) && isSubsequence(itemsOf(old), itemsOf(volume));
  });
  return isSame.every(Boolean) && now.length === before.length ? [] : ["volumes"];
}

function itemsOf(volume: Json): readonly Json[] {
  return list(object(volume["secret"])["items"]);
}

function containerChanges(old: Json, now: Json, replaces: boolean): readonly string[] {
  const where = `container ${nameOf(old)}`;
  const env = list(now["env"]);
  const news = new Set(added(list(old["env"]), env).map(nameOf));
  const kept = list(old["env"]).filter((entry) => !(replaces && gaveWay(entry, env)));
  const own = new Set(list(old["env"]).map(nameOf));
  const clash = replaces ? [] : [...news].filter((name) => own.has(name));
  return [
    ...otherFields(where, old, now, ["env", "volumeMounts"]),
    ...(isSubsequence(kept, env) ? [] : [`${where}: env`]),
    ...clash.map((name) => `${where}: env var ${name} beside the user's`),
    ...(isSubsequence(list(old["volumeMounts"]), list(now["volumeMounts"])) ? [] : [`${where}: mounts`]),
  ];
}

/** It is gone, and another of its name is there: a secret's, or one of the pod's own with the secret's value. */
function gaveWay(entry: Json, env: readonly Json[]): boolean {
  return env.some((now) => nameOf(now) === nameOf(entry)) && !env.some((now) => isDeepStrictEqual(now, entry));
}

function otherFields(where: string, before: Json, after: Json, besides: readonly string[]): readonly string[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields]
    .filter((field) => !besides.includes(field) && !isDeepStrictEqual(before[field], after[field]))
    .map((field) => `${where}.${field}`);
}

function isSubsequence(part: readonly unknown[], whole: readonly unknown[]): boolean {
  let next = 0;
  for (const entry of whole) if (next < part.length && isDeepStrictEqual(part[next], entry)) next++;
  return next === part.length;
}

/** How many env vars, mounts, volumes, keys of volumes, init containers and annotations were added, and env vars taken out. */
export function countThings(before: Json, after: Json): number {
  const [oldSpec, spec] = [object(before["spec"]), object(after["spec"])];
  const annotations = (pod: Json): Json => object(object(pod["metadata"])["annotations"]);
  const oldContainers = [...list(oldSpec["initContainers"]), ...list(oldSpec["containers"])];
  const containers = [...list(spec["initContainers"]), ...list(spec["containers"])];
  const within = oldContainers.map((old) => {
    const now = containers.find((container) => nameOf(container) === nameOf(old)) ?? {};
    const lost = added(list(now["env"]), list(old["env"])).length;
    return (
      lost + ["env", "volumeMounts"].reduce((sum, field) => sum + added(list(old[field]), list(now[field])).length, 0)
    );
  });
  return (
    within.reduce((sum, count) => sum + count, 0) +
    (containers.length - oldContainers.length) +
    (list(spec["volumes"]).length - list(oldSpec["volumes"]).length) +
    list(oldSpec["volumes"]).reduce((sum, old) => {
      const now = list(spec["volumes"]).find((volume) => nameOf(volume) === nameOf(old)) ?? {};
      return sum + itemsOf(now).length - itemsOf(old).length;
    }, 0) +
    (Object.keys(annotations(after)).length - Object.keys(annotations(before)).length)
  );
}

/** Applies a patch by RFC 6902. @throws Error where an operation has no place to go */
export function patched(document: unknown, patch: readonly PatchOperation[]): unknown {
  const root = { document: structuredClone(document) };
  for (const operation of patch) apply(root, operation);
  return root.document;
}

function apply(root: object, operation: PatchOperation): void {
  const path = ["document", ...operation.path.split("/").slice(1)].map((part) =>
    part.replaceAll("~1", "/").replaceAll("~0", "~"),
  );
  const last = path.pop() ?? "";
  let parent: unknown = root;
  for (const part of path) parent = memberOf(parent, part, operation);
  if (Array.isArray(parent)) applyToList(parent, last, operation);
  else applyToObject(memberHolder(parent, operation), last, operation);
}

function applyToList(target: unknown[], last: string, operation: PatchOperation): void {
  const at = last === "-" ? target.length : Number(last);
  const end = operation.op === "add" ? target.length : target.length - 1;
  if (!/^(?:0|[1-9]\d*|-)$/.test(last) || at > end) throw new Error(`no place for ${JSON.stringify(operation)}`);
  if (operation.op === "add") target.splice(at, 0, structuredClone(operation.value));
  else if (operation.op === "replace") target[at] = structuredClone(operation.value);
  else target.splice(at, 1);
}

function applyToObject(target: Record<string, unknown>, last: string, operation: PatchOperation): void {
  if (operation.op !== "add" && !Object.hasOwn(target, last)) throw new Error(`no ${operation.path}`);
  if (operation.op === "remove") delete target[last];
  else target[last] = structuredClone(operation.value);
}

function memberOf(parent: unknown, part: string, operation: PatchOperation): unknown {
  const holder = memberHolder(parent, operation);
  if (!Object.hasOwn(holder, part)) throw new Error(`no parent for ${operation.path}`);
  return holder[part];
}

function memberHolder(parent: unknown, { path }: PatchOperation): Record<string, unknown> {
  if (typeof parent !== "object" || parent === null) throw new Error(`no parent for ${path}`);
  return parent as Record<string, unknown>;
}
