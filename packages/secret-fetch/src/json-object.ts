/** JSON from elsewhere, which may be anything. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** @returns undefined for what is no JSON in UTF-8, or no object */
export function parseJsonObject(body: Uint8Array | string): JsonObject | undefined {
  try {
    const text = typeof body === "string" ? body : new TextDecoder("utf-8", { fatal: true }).decode(body);
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** A field that is a text, and the object's own. */
export function textField(object: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return typeof value === "string" ? value : undefined;
}
