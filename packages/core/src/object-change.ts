/** Plain JSON objects, and in which fields two of them differ. */

/** A JSON object of which nothing is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is an object, and no list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Names of the fields in which two objects differ, by identity: changed or removed ones in the order of `before`, then
 * added ones in the order of `after`.
 */
export function changedFields(before: JsonObject, after: JsonObject): readonly string[] {
  const oldKeys = Object.keys(before);
  const keys = Object.keys(after);
  if (!startsWith(keys, oldKeys)) return changedFieldsInAnyOrder(before, after);
  // An object that was copied and extended has its fields in the same order: then no look-up is needed.
  const oldValues = Object.values(before);
  const values = Object.values(after);
  const changed = oldKeys.filter((_, index) => oldValues[index] !== values[index]);
  return keys.length === oldKeys.length ? changed : [...changed, ...keys.slice(oldKeys.length)];
}

function changedFieldsInAnyOrder(before: JsonObject, after: JsonObject): readonly string[] {
  const changed = Object.keys(before).filter((key) => !Object.hasOwn(after, key) || before[key] !== after[key]);
  return [...changed, ...Object.keys(after).filter((key) => !Object.hasOwn(before, key))];
}

/** Whether `texts` starts with all of `start`. */
function startsWith(texts: readonly string[], start: readonly string[]): boolean {
  if (texts.length < start.length) return false;
  for (let index = 0; index < start.length; index++) if (texts[index] !== start[index]) return false;
  return true;
}
