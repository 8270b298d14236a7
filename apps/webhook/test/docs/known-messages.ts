/** Codes and messages that a reader may meet, from the catalogues and the sources. */
import { globSync } from "node:fs";

import { BUILT_IN_INJECTORS } from "../../src/compose/every-built-in.ts";
import { errorSections } from "../../src/documents/errors-document.ts";
import { codesIn, root, tableUnder, textOf } from "./documents.ts";

const FETCH = "fetch/";

/** Kinds of failure of the program that fetches, such as `denied`. Its own test holds the table to them. */
const KINDS = tableUnder(textOf("docs/fetch.md"), "When it fails").flatMap(([, kind = ""]) => codesIn(kind));

/** Those of the webhook and its managers, and, as `fetch/denied`, those of the program that fetches. */
export const CODES: ReadonlySet<string> = new Set([
  ...errorSections().flatMap(({ entries }) => entries.map(({ code }) => code)),
  ...KINDS.map((kind) => FETCH + kind),
]);

const OWNERS = ["fetch", ...BUILT_IN_INJECTORS.map(({ name }) => name)];
const LIKE_CODE = new RegExp(`^(?:[EW]_[A-Z_]+|(?:${OWNERS.join("|")})/[a-z-]+)$`);

/** Whether a text looks like a code, so that it has to be one. */
export function isLikeCode(text: string): boolean {
  return LIKE_CODE.test(text);
}

const FETCH_SOURCES = sourcesAt("packages/secret-fetch/src/**/*.ts");
/** What others say, such as the Vault agent, stands in the tests that saw it. */
const SOURCES = sourcesAt("packages/*/src/**/*.ts", "apps/*/src/**/*.ts", "e2e/test/**/*.ts").join("\n");

function sourcesAt(...patterns: readonly string[]): readonly string[] {
  return globSync(patterns, { cwd: root }).map(textOf);
}

/** Whether something says this message, in which `...` stands for what differs from time to time. */
export function isSaid(message: string): boolean {
  return fixedParts(message).every((part) => SOURCES.includes(part));
}

/**
 * Whether the program that fetches says a message with one of these codes. In its sources, the kind is what is named
 * last before the text.
 */
export function isSaidWith(message: string, codes: readonly string[]): boolean {
  const kind = new RegExp(`"(${KINDS.join("|")})"`, "g");
  const kindsOf = (part: string): readonly string[] =>
    FETCH_SOURCES.flatMap((source) => source.split(part).slice(0, -1)).flatMap(
      (before) => [...before.matchAll(kind)].at(-1)?.[1] ?? [],
    );
  return fixedParts(message).some((part) => kindsOf(part).some((found) => codes.includes(FETCH + found)));
}

function fixedParts(message: string): readonly string[] {
  const parts = message.split("...").map((part) => part.trim());
  return parts.filter((part) => part !== "");
}
