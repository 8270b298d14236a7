/** "Did you mean ...?" */

/**
 * The name that was probably meant: the nearest one by edits (a letter added, dropped, changed, or two
 * swapped), if at most a third of it differs.
 * @returns undefined when none is near
 */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  if (name.length > 100) return undefined;
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of names) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
    if (distance <= allowed && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Other names of what is named differently here. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([["kubernetes", "k8s"]]);

/**
 * The managers that were probably meant: those of which the name is a whole part
 * (`vault` of `vault-kv1`, `kv2` of `vault-kv2`) or another name, else the nearest by edits.
 */
export function nearestManagers(name: string, names: readonly string[]): readonly string[] {
  const wanted = name.toLowerCase();
  const other = OTHER_NAMES.get(wanted);
  const parts = names.filter((candidate) => candidate === other || candidate.toLowerCase().split("-").includes(wanted));
  if (parts.length > 0) return parts;
  const near = nearestName(name, names);
  return near === undefined ? [] : [near];
}

/** Optimal string alignment distance, three rows at a time. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
