/**
 * The JSON Patch (RFC 6902) between two pods that share what did not change.
 *
 * Lists are compared by the identity of their entries, so an entry put in front of thirty others is one
 * `add`, where a comparison index by index would replace all thirty. Flat objects, such as the annotations,
 * go through fast-json-patch. Its default import: it is CommonJS, and named imports of it fail in unbundled
 * Node.
 */
import jsonPatch, { type Operation } from "fast-json-patch";

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

type Json = Readonly<Record<string, unknown>>;
type List = readonly unknown[];

function diff(before: unknown, after: unknown, path: string, out: PatchOperation[]): void {
  if (before === after) return;
  if (Array.isArray(before) && Array.isArray(after)) diffLists(before, after, path, out);
  else if (isObject(before) && isObject(after)) diffObjects(before, after, path, out);
  else out.push({ op: "replace", path, value: after });
}

function diffObjects(before: Json, after: Json, path: string, out: PatchOperation[]): void {
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

/** Lists mostly grow at one end, so what both have at the start and at the end is passed over first. */
function diffLists(before: List, after: List, path: string, out: PatchOperation[]): void {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let beforeEnd = before.length;
  let afterEnd = after.length;
  while (beforeEnd > start && afterEnd > start && before[beforeEnd - 1] === after[afterEnd - 1]) {
    beforeEnd--;
    afterEnd--;
  }
  const operations = alignEntries(before.slice(start, beforeEnd), after.slice(start, afterEnd), path, start);
  if (operations === undefined) out.push({ op: "replace", path, value: after });
  else out.push(...operations);
}

/**
 * Walks two stretches of a list once. An entry that is in only one of them was added, removed, or edited in
 * place, which the same `name` tells. `undefined` when entries changed their order.
 */
function alignEntries(before: List, after: List, path: string, offset: number): PatchOperation[] | undefined {
  const kept = new Set(before.length === 0 ? [] : after);
  const old = new Set(after.length === 0 ? [] : before);
  const out: PatchOperation[] = [];
  let from = 0;
  let to = 0;
  while (from < before.length || to < after.length) {
    const was = before[from];
    const is = after[to];
    const wasKept = from >= before.length || kept.has(was);
    const isNew = to < after.length && !old.has(is);
    const at = `${path}/${offset + to}`;
    if (wasKept && isNew) {
      out.push({ op: "add", path: at, value: is });
      to++;
    } else if (!wasKept && isNew && nameOf(was) === nameOf(is)) {
      diff(was, is, at, out);
      from++;
      to++;
    } else if (!wasKept && isNew && editedLater(was, after, to, old)) {
      out.push({ op: "add", path: at, value: is });
      to++;
    } else if (!wasKept) {
      out.push({ op: "remove", path: at });
      from++;
    } else if (was === is && from < before.length) {
      from++;
      to++;
    } else {
      return undefined;
    }
  }
  return out;
}

function editedLater(was: unknown, after: List, from: number, old: ReadonlySet<unknown>): boolean {
  const name = nameOf(was);
  return name !== undefined && after.slice(from).some((entry) => nameOf(entry) === name && !old.has(entry));
}

function nameOf(entry: unknown): unknown {
  return isObject(entry) ? entry["name"] : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFlat(object: Json): boolean {
  return Object.values(object).every((value) => typeof value !== "object" || value === null);
}

function atPath(path: string, operation: Operation): PatchOperation {
  return { ...operation, path: path + operation.path } as PatchOperation;
}

function child(path: string, key: string): string {
  return `${path}/${jsonPatch.escapePathComponent(key)}`;
}
