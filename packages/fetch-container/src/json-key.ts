/** Keys of secrets that are JSON objects. */
import { hasControlCharacters, quoted, skipped, type Injection } from "@pod-secrets/core";

/** Longest key, which is also the longest name of a file: a key is the last part of its path. */
const MAX_KEY = 255;

/** Whether a text can be such a key, as the program takes it. */
export function isJsonKey(text: string): boolean {
  return text !== "" && text.length <= MAX_KEY && !hasControlCharacters(text);
}

/** The answer to a request whose key cannot be one; none is the whole secret. */
export function unfitJsonKey(key: string): Injection | undefined {
  return key === "" || isJsonKey(key)
    ? undefined
    : skipped(`${quoted(key)} is no key of a JSON secret`, "Set key to a key of the JSON object, or leave it out.");
}
