/** One value out of a secret that is a JSON object. */
import { quoted } from "@pod-secrets/core";

import { FetchFailure } from "../failure.ts";
import { isJsonObject, parseExactJson, valueBytes } from "./exact-json.ts";

/**
 * The value of a key: a text as it is; a number, true or false as its JSON text, with every digit.
 * @param secret text in UTF-8
 * @param what names the secret in messages
 * @throws FetchFailure `not-found` without the key; `unusable-value` when the secret is no JSON object, or the value is
 * null, a list, an object or no text
 */
export function jsonKey(secret: Uint8Array, key: string, what: string): Uint8Array {
  const { value: object, text = "" } = parseExactJson(secret) ?? {};
  if (!isJsonObject(object)) {
    throw new FetchFailure(
      "unusable-value",
      `${what} is no JSON object, so it has no key ${quoted(key, 160)}`,
      "Leave the key out to get the whole secret, or make it a JSON object.",
    );
  }
  if (!Object.hasOwn(object, key)) {
    throw new FetchFailure("not-found", `${what} has no key ${quoted(key, 160)}`, "Correct the key, or add it.");
  }
  const bytes = valueBytes(object[key], text, [key]);
  if (bytes !== undefined) return bytes;
  throw new FetchFailure(
    "unusable-value",
    `key ${quoted(key, 160)} of ${what} is ${typeName(object[key])}`,
    "Make it a text, or leave the key out to get the whole secret.",
  );
}

function typeName(value: unknown): string {
  if (typeof value === "string") return "no text: half of a character stands alone";
  return value === null ? "null" : Array.isArray(value) ? "a list" : "an object";
}
