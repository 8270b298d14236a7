/**
 * The grammar of a group that is a path in Vault. The agent reads it as a relative URL (consul-template, Go's
 * `url.Parse`), and so `#`, `%`, `?` and a colon in the first part do not mean themselves.
 */
import { hasControlCharacters } from "@pod-secrets/core";

/** What an engine takes beyond a plain path. */
export interface PathRules {
  /** What may stand behind a `?`; nothing may when left out. Anchored. */
  readonly query?: RegExp;
  /** Whether the path stands in a template of ours, quoted, or in one that vault-k8s makes and does not quote. */
  readonly isQuoted: boolean;
}

const MAX_LENGTH = 1024;

/** The path in Vault that a group stands for: without the slash that may end it. */
export function vaultPath(group: string): string {
  return group.endsWith("/") ? group.slice(0, -1) : group;
}

/** Whether a path is the name of a mount only. A secret is always below one, so there is nothing to read. */
export function isMountOnly(path: string): boolean {
  return !beforeQuery(path).includes("/");
}

/** Why a path would not be read, or another one in its place; the end of a sentence. */
export function pathFault(path: string, rules: PathRules): string | undefined {
  if (path.length > MAX_LENGTH) return `it is longer than ${MAX_LENGTH} characters`;
  if (hasControlCharacters(path)) return "it has control characters";
  if (path.trim() !== path) return "white space at its ends is dropped";
  if (path.includes("#")) return "what follows a # is dropped";
  if (!rules.isQuoted && /["\\]/.test(path)) return 'the agent cannot read " and \\ in it';
  const plain = beforeQuery(path);
  return queryFault(path.slice(plain.length), rules) ?? plainPathFault(plain);
}

function plainPathFault(path: string): string | undefined {
  const first = path.split("/", 1)[0] ?? "";
  if (first.includes(":")) return "a colon in the first part makes it a URL";
  const decoded = decode(path);
  if (decoded === undefined) return "% starts an escape such as %20 there";
  if (hasControlCharacters(decoded)) return "it has control characters";
  const isSafe = decoded.split("/").every((part) => part !== "" && part !== "." && part !== "..");
  return isSafe ? undefined : "it has an empty part, . or ..";
}

function queryFault(query: string, rules: PathRules): string | undefined {
  if (query === "" || rules.query?.test(query.slice(1)) === true) return undefined;
  return rules.query === undefined ? "a ? ends a path" : "what follows the ? is not understood";
}

function beforeQuery(path: string): string {
  return path.split("?", 1)[0] ?? "";
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
