/** One value out of a secret that is a JSON object. */
import { quoted } from "@pod-secrets/core";

import { FetchFailure } from "../failure.ts";

/** A number or a truth value keeps the text that it has in the secret. */
type Member = { readonly text: string } | { readonly type: string };

/**
 * The value of a key: a text as it is; a number, true or false as its JSON text, with every digit.
 * @param secret text in UTF-8
 * @param what names the secret in messages
 * @throws FetchFailure `not-found` without the key; `unusable-value` when the secret is no JSON object, or the value is
 * null, a list or an object
 */
export function jsonKey(secret: Uint8Array, key: string, what: string): Uint8Array {
  const members = membersOf(secret);
  if (members === undefined) {
    throw new FetchFailure(
      "unusable-value",
      `${what} is no JSON object, so it has no key ${quoted(key, 160)}`,
      "Leave the key out to get the whole secret, or make it a JSON object.",
    );
  }
  const member = members.get(key);
  if (member === undefined) {
    throw new FetchFailure("not-found", `${what} has no key ${quoted(key, 160)}`, "Correct the key, or add it.");
  }
  if ("text" in member) return new TextEncoder().encode(member.text);
  throw new FetchFailure(
    "unusable-value",
    `key ${quoted(key, 160)} of ${what} is ${member.type}`,
    "Make it a text, or leave the key out to get the whole secret.",
  );
}

function membersOf(secret: Uint8Array): ReadonlyMap<string, Member> | undefined {
  // The texts of numbers, by the object that holds them: as a double, a long one would lose digits.
  const sources = new Map<unknown, Map<string, string>>();
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(secret);
    const root: unknown = JSON.parse(text, function (this: unknown, key, value: unknown, context?: ReviverContext) {
      if (typeof value === "number" && context?.source !== undefined) {
        const ofHolder = sources.get(this) ?? new Map<string, string>();
        sources.set(this, ofHolder.set(key, context.source));
      }
      return value;
    });
    if (typeof root !== "object" || root === null || Array.isArray(root)) return undefined;
    return new Map(Object.entries(root).map(([key, value]) => [key, memberOf(value, sources.get(root)?.get(key))]));
  } catch {
    return undefined;
  }
}

/** ECMAScript's "JSON.parse source text access"; Node has it, TypeScript's library does not yet. */
interface ReviverContext {
  readonly source?: string;
}

function memberOf(value: unknown, source: string | undefined): Member {
  if (typeof value === "string") return { text: value };
  if (typeof value === "number" || typeof value === "boolean") return { text: source ?? String(value) };
  return { type: value === null ? "null" : Array.isArray(value) ? "a list" : "an object" };
}
