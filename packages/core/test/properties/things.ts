/** How much a mutation did: the measure for the length of its patch. */
import type { Container, Pod } from "../../src/index.ts";

/**
 * Entries that were added, and ones that gave way to another of their name: env vars, mounts, volumes, keys in volumes,
 * containers, annotations, image pull secrets.
 */
export function thingsChanged(before: Pod, after: Pod): number {
  return (
    entriesChanged(
      Object.entries(before.metadata?.annotations ?? {}),
      Object.entries(after.metadata?.annotations ?? {}),
    ) +
    entriesChanged(before.spec?.imagePullSecrets, after.spec?.imagePullSecrets) +
    namedChanged(before.spec?.volumes, after.spec?.volumes, (old, now) =>
      entriesChanged(old.secret?.items, now.secret?.items),
    ) +
    namedChanged(before.spec?.initContainers, after.spec?.initContainers, changedIn) +
    namedChanged(before.spec?.containers, after.spec?.containers, changedIn)
  );
}

type List<T> = readonly T[] | null | undefined;

function changedIn(old: Container, now: Container): number {
  return entriesChanged(old.env, now.env) + entriesChanged(old.volumeMounts, now.volumeMounts);
}

/** Entries that only one of two lists has. */
function entriesChanged(before: List<unknown>, after: List<unknown>): number {
  const counts = new Map<string, number>();
  for (const entry of before ?? []) count(counts, entry, 1);
  for (const entry of after ?? []) count(counts, entry, -1);
  return [...counts.values()].reduce((sum, difference) => sum + Math.abs(difference), 0);
}

function count(counts: Map<string, number>, entry: unknown, by: number): void {
  const text = JSON.stringify(entry);
  counts.set(text, (counts.get(text) ?? 0) + by);
}

/** New entries, and what changed in those that were there. */
function namedChanged<T extends { readonly name: string }>(
  before: List<T>,
  after: List<T>,
  changed: (old: T, now: T) => number,
): number {
  const old = new Map((before ?? []).map((entry) => [entry.name, entry]));
  return (after ?? []).reduce((sum, now) => {
    const counterpart = old.get(now.name);
    return sum + (counterpart === undefined ? 1 : changed(counterpart, now));
  }, 0);
}
