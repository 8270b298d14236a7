/** What an injector added to a pod, entry by entry. Entries are compared by value. */
import type { Container, EnvVar, ImagePullSecret, Pod, Volume, VolumeMount } from "@pod-secrets/core";

/** An entry of a list of a container. */
export interface InContainer<T> {
  readonly container: string;
  /** Whether the injector added the container too. */
  readonly ours: boolean;
  readonly entry: T;
}

/** What is in a pod that was not in it before. */
export interface Additions {
  readonly annotations: readonly (readonly [key: string, value: string])[];
  /** New volumes, and volumes that got another item. */
  readonly volumes: readonly Volume[];
  readonly imagePullSecrets: readonly ImagePullSecret[];
  readonly initContainers: readonly Container[];
  readonly env: readonly InContainer<EnvVar>[];
  readonly mounts: readonly InContainer<VolumeMount>[];
}

/** Everything in `after` that is not in `before`. */
export function additions(before: Pod, after: Pod): Additions {
  const old = before.spec;
  const now = after.spec;
  const initContainers = (now?.initContainers ?? []).filter(
    ({ name }) => !(old?.initContainers ?? []).some((container) => container.name === name),
  );
  const ours = new Set(initContainers);
  const pairs = pairContainers(before, after);
  return {
    annotations: Object.entries(after.metadata?.annotations ?? {}).filter(
      ([key]) => !Object.hasOwn(before.metadata?.annotations ?? {}, key),
    ),
    volumes: added(old?.volumes, now?.volumes),
    imagePullSecrets: added(old?.imagePullSecrets, now?.imagePullSecrets),
    initContainers,
    env: pairs.flatMap((pair) => inContainer(pair, ours, added(pair.before?.env, pair.after.env))),
    mounts: pairs.flatMap((pair) => inContainer(pair, ours, added(pair.before?.volumeMounts, pair.after.volumeMounts))),
  };
}

/** A container before and after; what was added has no before. */
export interface ContainerPair {
  readonly before: Container | undefined;
  readonly after: Container;
}

/** Containers of two pods by their names. */
export function pairContainers(before: Pod, after: Pod): readonly ContainerPair[] {
  const pair = (
    old: readonly Container[] | undefined,
    now: readonly Container[] | undefined,
  ): readonly ContainerPair[] => {
    const byName = new Map((old ?? []).map((container) => [container.name, container]));
    return (now ?? []).map((container) => ({ before: byName.get(container.name), after: container }));
  };
  return [
    ...pair(before.spec?.initContainers, after.spec?.initContainers),
    ...pair(before.spec?.containers, after.spec?.containers),
  ];
}

/** Entries of `now` beyond those of `old`; the same value twice counts twice. */
export function added<T>(old: readonly T[] | null | undefined, now: readonly T[] | null | undefined): readonly T[] {
  if (old === now) return [];
  const left = new Map<string, number>();
  for (const entry of old ?? []) {
    const text = JSON.stringify(entry);
    left.set(text, (left.get(text) ?? 0) + 1);
  }
  return (now ?? []).filter((entry) => {
    const text = JSON.stringify(entry);
    const count = left.get(text) ?? 0;
    if (count > 0) left.set(text, count - 1);
    return count === 0;
  });
}

function inContainer<T>(
  { after }: ContainerPair,
  ours: ReadonlySet<Container>,
  entries: readonly T[],
): readonly InContainer<T>[] {
  return entries.map((entry) => ({ container: after.name, ours: ours.has(after), entry }));
}
