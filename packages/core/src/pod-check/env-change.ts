/** What may differ between the env of a container before and after an injector. */
import type { InjectionContext } from "../injector.ts";
import { listChange } from "../list-change.ts";
import { isJsonObject } from "../object-change.ts";
import { isForbiddenEnvName } from "../pod-editing/forbidden-env-names.ts";
import { originalContainer } from "../pod-editing/original-container.ts";
import type { Container, EnvVar } from "../pod.ts";
import { entryName } from "./entry-name.ts";

/** Where the profile says so, a variable of the user gives way to another of the same name. It never just disappears. */
export function envFault(old: Container, now: Container, context: InjectionContext): string | undefined {
  if (old.env === now.env) return undefined;
  if (!Array.isArray(now.env)) return "made the env something else";
  const env: readonly EnvVar[] = now.env;
  const { added, removed, inOrder } = listChange(old.env, env);
  if (!inOrder) return "changed the order of env vars";
  for (const entry of added) {
    if (!isJsonObject(entry) || typeof entry.name !== "string") return "added an env var without a name";
    if (isForbiddenEnvName(entry.name)) return `set env var ${entryName(entry)}, which is not allowed,`;
  }
  const twice = secondOfName(old.env ?? [], added, removed);
  if (twice !== undefined) return `added a second env var ${entryName(twice)}`;
  const lost = firstLost(removed, old, env, context);
  return lost === undefined ? undefined : `removed or changed env var ${entryName(lost)}`;
}

/** A removed entry that is not the user's, or gave way to none. A pod may come with one name a hundred thousand times. */
function firstLost(
  removed: readonly EnvVar[],
  old: Container,
  env: readonly EnvVar[],
  context: InjectionContext,
): EnvVar | undefined {
  if (removed.length === 0 || context.profile.envPlacement !== "prepend") return removed[0];
  const foreign = new Set(removed);
  for (const entry of originalContainer(old, context)?.env ?? []) foreign.delete(entry);
  const missing = new Set(removed.map((entry) => entry.name));
  for (const entry of env) missing.delete(entry.name);
  return removed.find((gone) => foreign.has(gone) || missing.has(gone.name));
}

/** An added entry whose name another entry has too; names that the user gave twice are not looked at. */
function secondOfName(
  before: readonly EnvVar[],
  added: readonly EnvVar[],
  removed: readonly EnvVar[],
): EnvVar | undefined {
  const names = new Set<string>();
  for (const entry of added) {
    if (names.has(entry.name)) return entry;
    names.add(entry.name);
  }
  const gone = new Set(removed);
  return before.find((entry) => names.has(entry.name) && !gone.has(entry));
}
