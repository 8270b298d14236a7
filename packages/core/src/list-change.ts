/** How a list changed, by the identity of its entries: a pod is edited copy-on-write, so what stayed is the same object. */
export interface ListChange<T> {
  /** Entries of the new list that the old one did not have, in order. */
  readonly added: readonly T[];
  /** Entries of the old list that the new one does not have, in order. */
  readonly removed: readonly T[];
  /** Whether the entries that stayed are still in their order. */
  readonly inOrder: boolean;
}

/** Part of a list where the two differ: lists mostly grow at one end, so what both start and end with is passed over. */
export interface Stretch {
  readonly start: number;
  readonly beforeEnd: number;
  readonly afterEnd: number;
}

/** Compares two lists; one that is absent or null is empty. */
export function listChange<T>(
  before: readonly T[] | null | undefined,
  after: readonly T[] | null | undefined,
): ListChange<T> {
  const old = before ?? [];
  const now = after ?? [];
  const { start, beforeEnd, afterEnd } = differingStretch(old, now);
  const left = old.slice(start, beforeEnd);
  const came = now.slice(start, afterEnd);
  if (left.length === 0 || came.length === 0) return { added: came, removed: left, inOrder: true };
  const oldEntries = new Set(left);
  const newEntries = new Set(came);
  const stayed = came.filter((entry) => oldEntries.has(entry));
  const kept = left.filter((entry) => newEntries.has(entry));
  return {
    added: came.filter((entry) => !oldEntries.has(entry)),
    removed: left.filter((entry) => !newEntries.has(entry)),
    inOrder: stayed.length === kept.length && stayed.every((entry, index) => entry === kept[index]),
  };
}

/** The shortest stretch outside of which two lists are the same. */
export function differingStretch(before: readonly unknown[], after: readonly unknown[]): Stretch {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let beforeEnd = before.length;
  let afterEnd = after.length;
  while (beforeEnd > start && afterEnd > start && before[beforeEnd - 1] === after[afterEnd - 1]) {
    beforeEnd--;
    afterEnd--;
  }
  return { start, beforeEnd, afterEnd };
}
