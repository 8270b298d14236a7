/** Makes plain JSON read-only, so that whoever writes to it fails instead of being overlooked. */

/**
 * Freezes a value and all that is in it.
 * @param frozen what was frozen before, which is not walked again; what is new is added
 */
export function freezeJson(value: unknown, frozen: Set<object>): void {
  // A list of what is to be done instead of recursion: depth is the user's choice.
  const left: unknown[] = [value];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next !== "object" || next === null || frozen.has(next)) continue;
    frozen.add(next);
    Object.freeze(next);
    for (const part of Object.values(next)) if (part !== undefined) left.push(part);
  }
}
