/** Types of values, as messages name them. */

const TYPE_TEXTS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a mapping",
  record: "a mapping",
  array: "a list",
};

/** @param expected a type as zod names it */
export function typeText(expected: string): string {
  return Object.hasOwn(TYPE_TEXTS, expected) ? (TYPE_TEXTS[expected] ?? expected) : expected || "something else";
}

/** What a value is. */
export function kindOf(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return Number.isInteger(value) ? "a number" : "a number with a fraction";
  return typeText(typeof value);
}
