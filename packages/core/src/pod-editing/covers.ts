/**
 * Whether `existing` has everything that `wanted` asks for. More may be there: when the API server calls the
 * webhook again, it has filled in defaults (`defaultMode: 420`) and dropped empty strings.
 */
export function covers(existing: unknown, wanted: unknown): boolean {
  if (Object.is(existing, wanted)) return true;
  if (isEmpty(wanted)) return isEmpty(existing);
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(existing) &&
      existing.length === wanted.length &&
      wanted.every((entry, index) => covers(existing[index], entry))
    );
  }
  if (typeof wanted !== "object" || typeof existing !== "object") return false;
  if (wanted === null || existing === null || Array.isArray(existing)) return false;
  for (const key of Object.keys(wanted)) {
    const value = Object.hasOwn(existing, key) ? (existing as Record<string, unknown>)[key] : undefined;
    if (!covers(value, (wanted as Record<string, unknown>)[key])) return false;
  }
  return true;
}

// What Go leaves out when it writes an object (`omitempty`).
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || value === "" || value === false || value === 0;
}
