/**
 * A request in parts: several env vars, of which each holds some keys of it. Whoever adds a secret to a container adds a
 * part, and changes none that is there; nor has one env var to hold all, which Linux takes up to 128 KiB long.
 */
import { FetchFailure } from "../failure.ts";
import { parseJsonObject, type JsonObject } from "../json-object.ts";
import { REQUEST_ENV_VAR, REQUEST_PART_PREFIX } from "./fetch-request.ts";

const LISTS: ReadonlySet<string> = new Set(["items", "folders"]);

/**
 * The text of the request in the env of the program: one part as it is, several put together. Lists are joined in the
 * order of the env vars' names, `providers` by their names, and everything else may stand in one part only, or in all
 * alike.
 * @throws FetchFailure `wrong-request`
 */
export function requestInEnv(env: Readonly<Record<string, string | undefined>>): string {
  const names = Object.keys(env)
    .filter((name) => isPart(name) && env[name] !== "")
    .toSorted();
  const [first] = names;
  if (first === undefined) {
    throw new FetchFailure(
      "wrong-request",
      `there is no request: the env var ${REQUEST_ENV_VAR} is not set`,
      "Set it, or name a file by --request; docs/fetch.md shows what it holds.",
    );
  }
  if (names.length === 1) return env[first] ?? "";
  const whole = new Map<string, unknown>();
  for (const name of names) join(whole, env[name] ?? "", name);
  return JSON.stringify(Object.fromEntries(whole));
}

/** With a dot, which no env var has that Kubernetes sets for a Service. */
function isPart(name: string): boolean {
  return name === REQUEST_ENV_VAR || name.startsWith(REQUEST_PART_PREFIX);
}

function join(whole: Map<string, unknown>, text: string, name: string): void {
  const part = parseJsonObject(text);
  if (part === undefined) throw wrong(`${name} is no JSON object`, "Write it as docs/fetch.md shows.");
  for (const [key, value] of Object.entries(part)) {
    const before = whole.get(key);
    if (LISTS.has(key) && Array.isArray(before) && Array.isArray(value)) whole.set(key, [...before, ...value]);
    else if (key === "providers" && isObject(before) && isObject(value))
      whole.set(key, joinedProviders(before, value, name));
    else if (before === undefined) whole.set(key, value);
    else if (!isSame(before, value)) throw differs(key, name);
  }
}

function joinedProviders(before: JsonObject, more: JsonObject, name: string): JsonObject {
  const twice = Object.keys(more).find((key) => Object.hasOwn(before, key) && !isSame(before[key], more[key]));
  if (twice !== undefined) throw differs(`providers.${twice}`, name);
  return { ...before, ...more };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function differs(what: string, name: string): FetchFailure {
  return wrong(`${what} in ${name} is another than in a part before it`, "Write it once.");
}

function wrong(what: string, fix: string): FetchFailure {
  return new FetchFailure("wrong-request", `the request cannot be read: ${what}`, fix);
}
