/** What the user wrote, and where a mutation may add to it: the rules of both profiles, written a second time. */
import { isDeepStrictEqual } from "node:util";

import type { Container, EnvVar, Pod, ProfileName, Volume } from "../../src/index.ts";

type Fields = Readonly<Record<string, unknown>>;
type List<T> = readonly T[] | null | undefined;

/** Places where something of the user's changed, such as `spec.containers.main0.env`. */
export function changesOfUserContent(before: Pod, after: Pod, profile: ProfileName): readonly string[] {
  return [
    ...changedFields(before, after, ["metadata", "spec"], ""),
    ...changedFields(before.metadata, after.metadata, ["annotations"], "metadata."),
    ...changedAnnotations(before, after),
    ...changedFields(before.spec, after.spec, LISTS, "spec."),
    ...changedList(before.spec?.imagePullSecrets, after.spec?.imagePullSecrets, "spec.imagePullSecrets"),
    ...changedNamed(before.spec?.volumes, after.spec?.volumes, "spec.volumes", changesOfVolume),
    ...CONTAINER_LISTS.flatMap((list) =>
      changedNamed(before.spec?.[list], after.spec?.[list], `spec.${list}`, (old, now) =>
        changesOfContainer(old, now, profile),
      ),
    ),
    ...(after.spec?.containers.length === before.spec?.containers.length ? [] : ["spec.containers"]),
  ];
}

const CONTAINER_LISTS = ["initContainers", "containers"] as const;
const LISTS: readonly string[] = ["volumes", "imagePullSecrets", ...CONTAINER_LISTS];

function changesOfContainer(old: Container, now: Container, profile: ProfileName): readonly string[] {
  return [
    ...changedFields(old, now, ["env", "volumeMounts"], ""),
    ...changedList(old.volumeMounts, now.volumeMounts, "volumeMounts"),
    ...changedList(profile === "flyte-v2" ? stayed(old.env, now.env) : old.env, now.env, "env"),
  ];
}

/**
 * Under `flyte-v2` the user's variables give way to others of their name, of a secret or one that has its value: what is
 * left of them.
 */
function stayed(old: List<EnvVar>, now: List<EnvVar>): List<EnvVar> {
  return old?.filter((entry) => has(now, entry) || now?.some(({ name }) => name === entry.name) !== true);
}

/** Keys join a volume that holds some keys of a Secret, and no other volume changes. */
function changesOfVolume(old: Volume, now: Volume): readonly string[] {
  return [
    ...changedFields(old, now, old.secret?.items ? ["secret"] : [], ""),
    ...changedFields(old.secret, now.secret, ["items"], "secret."),
    ...changedList(old.secret?.items, now.secret?.items, "secret.items"),
  ];
}

function changedAnnotations({ metadata: before }: Pod, { metadata: after }: Pod): readonly string[] {
  const now = new Map(Object.entries(after?.annotations ?? {}));
  return Object.entries(before?.annotations ?? {})
    .filter(([key, value]) => now.get(key) !== value)
    .map(([key]) => `metadata.annotations.${key}`);
}

/** Fields beside some, absent ones included. */
function changedFields(before: unknown, after: unknown, but: readonly string[], path: string): readonly string[] {
  const old = new Map(Object.entries((before ?? {}) as Fields));
  const now = new Map(Object.entries((after ?? {}) as Fields));
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((key) => !but.includes(key) && !(old.has(key) === now.has(key) && same(old.get(key), now.get(key))))
    .map((key) => path + key);
}

/** Each entry is still there, as it was and in its order. */
function changedList(before: List<unknown>, after: List<unknown>, path: string): readonly string[] {
  const old = before ?? [];
  let next = 0;
  for (const entry of after ?? []) if (next < old.length && same(entry, old[next])) next++;
  return next === old.length && !isLost(before, after) ? [] : [path];
}

/** Like {@link changedList}, for entries that may be added to. */
function changedNamed<T extends { readonly name: string }>(
  before: List<T>,
  after: List<T>,
  path: string,
  changesOf: (old: T, now: T) => readonly string[],
): readonly string[] {
  const old = before ?? [];
  const now = (after ?? []).filter(({ name }) => old.some((entry) => entry.name === name));
  if (isLost(before, after) || now.length !== old.length) return [path];
  return old.flatMap((entry, index) => {
    const counterpart = now[index] as T;
    if (counterpart.name !== entry.name) return [path];
    return changesOf(entry, counterpart).map((change) => `${path}.${entry.name}.${change}`);
  });
}

/** A list that is absent, null or empty stays that, unless it gets entries. */
function isLost(before: List<unknown>, after: List<unknown>): boolean {
  return (after ?? []).length === 0 && (before ?? []).length === 0 && !same(before, after);
}

function has(list: List<unknown>, entry: unknown): boolean {
  return list?.some((other) => same(other, entry)) ?? false;
}

function same(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(one, other);
}
