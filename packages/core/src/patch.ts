/**
 * The JSON Patch (RFC 6902) between two pods that share what did not change.
 *
 * Lists are compared by the identity of their entries, so an entry put in front of thirty others is one
 * `add`, where a comparison index by index would replace all thirty. Flat objects, such as the annotations,
 * go through fast-json-patch. Its default import: it is CommonJS, and named imports of it fail in unbundled
 * Node.
 */
import jsonPatch, { type Operation } from "fast-json-patch";

import { differingStretch } from "./list-change.ts";
import { isJsonObject, type JsonObject } from "./object-change.ts";
import type { Pod } from "./pod.ts";

/** The operations that a mutation makes: no `test`, `move` or `copy`. */
export type PatchOperation =
  | { readonly op: "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

/**
 * Operations that turn `before` into `after`. Parents of every path exist, indices are never negative.
 * Both pods are plain JSON; the values in the patch are shared with `after`.
 */
export function createPatch(before: Pod, after: Pod): readonly PatchOperation[] {
  const operations: PatchOperation[] = [];
  diff(before, after, "", operations);
  return operations;
}

/**
 * Applies a patch to a copy of a JSON document.
 * @throws Error when it does not apply
 */
export function applyPatch<T>(document: T, patch: readonly PatchOperation[]): T {
  // Deeply cloned by the library: neither the document nor the values of the patch are changed or shared.
  return jsonPatch.applyPatch(document, structuredClone(patch) as Operation[], true, false).newDocument;
}

type List = readonly unknown[];

function diff(before: unknown, after: unknown, path: string, out: PatchOperation[]): void {
  if (before === after) return;
  if (Array.isArray(before) && Array.isArray(after)) diffLists(before, after, path, out);
  else if (isJsonObject(before) && isJsonObject(after)) diffObjects(before, after, path, out);
  else out.push({ op: "replace", path, value: after });
}

function diffObjects(before: JsonObject, after: JsonObject, path: string, out: PatchOperation[]): void {
  if (isFlat(before) && isFlat(after)) {
    for (const operation of jsonPatch.compare(before, after)) out.push(atPath(path, operation));
    return;
  }
  for (const key of Object.keys(before)) {
    if (Object.hasOwn(after, key) && after[key] !== undefined) diff(before[key], after[key], child(path, key), out);
    else if (before[key] !== undefined) out.push({ op: "remove", path: child(path, key) });
  }
  for (const key of Object.keys(after)) {
    const isNew = !Object.hasOwn(before, key) || before[key] === undefined;
    if (isNew && after[key] !== undefined) out.push({ op: "add", path: child(path, key), value: after[key] });
  }
}

function diffLists(before: List, after: List, path: string, out: PatchOperation[]): void {
  const { start, beforeEnd, afterEnd } = differingStretch(before, after);
  if (start === beforeEnd) {
    for (let at = start; at < afterEnd; at++) out.push({ op: "add", path: `${path}/${at}`, value: after[at] });
    return;
  }
  const operations = alignEntries(before.slice(start, beforeEnd), after.slice(start, afterEnd), path, start);
  if (operations === undefined) out.push({ op: "replace", path, value: after });
  // One by one: a call takes only so many arguments.
  else for (const operation of operations) out.push(operation);
}

/**
 * Walks two stretches of a list once. An entry that is in only one of them was added, removed, or edited in
 * place, which the same `name` tells. `undefined` when entries changed their order.
 */
function alignEntries(before: List, after: List, path: string, offset: number): PatchOperation[] | undefined {
  const kept = new Set(after);
  const old = new Set(before);
  const edited = lastPlaces(after, old);
  // An env var gives way to another as a whole: its name is all that the two share.
  const isEnv = path.endsWith("/env");
  const out: PatchOperation[] = [];
  let from = 0;
  let to = 0;
  while (from < before.length || to < after.length) {
    const was = before[from];
    const is = after[to];
    const isLost = from < before.length && !kept.has(was);
    const isNew = to < after.length && !old.has(is);
    const at = `${path}/${offset + to}`;
    if (isNew && isLost && nameOf(was) === nameOf(is)) {
      if (isEnv) out.push({ op: "replace", path: at, value: is });
      else diff(was, is, at, out);
      from++;
      to++;
    } else if (isNew && !(isLost && (edited.get(nameOf(was)) ?? -1) < to)) {
      out.push({ op: "add", path: at, value: is });
      to++;
    } else if (isLost) {
      out.push({ op: "remove", path: at });
      from++;
    } else if (was === is) {
      from++;
      to++;
    } else {
      return undefined;
    }
  }
  return out;
}

/** Where an entry that is new stands, by its name: there an edited one goes on. */
function lastPlaces(after: List, old: ReadonlySet<unknown>): ReadonlyMap<unknown, number> {
  const places = new Map<unknown, number>();
  for (const [index, entry] of after.entries()) {
    const name = old.has(entry) ? undefined : nameOf(entry);
    if (name !== undefined) places.set(name, index);
  }
  return places;
}

function nameOf(entry: unknown): unknown {
  return isJsonObject(entry) ? entry["name"] : undefined;
}

/** A field that is undefined is none in JSON, but one for the library. */
function isFlat(object: JsonObject): boolean {
  return Object.values(object).every((value) => value === null || (typeof value !== "object" && value !== undefined));
}

function atPath(path: string, operation: Operation): PatchOperation {
  return { ...operation, path: path + operation.path } as PatchOperation;
}

function child(path: string, key: string): string {
  return `${path}/${jsonPatch.escapePathComponent(key)}`;
}
