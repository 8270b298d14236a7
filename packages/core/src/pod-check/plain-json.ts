/**
 * What an injector returns is somebody else's object: it may have getters, be a Proxy, or change afterwards. It is
 * read once, into plain JSON of ours, which shares with what went in all that is the same.
 */
import { differingStretch } from "../list-change.ts";
import { changedFields, isJsonObject, type JsonObject } from "../object-change.ts";
import { printable, shortened } from "../printable.ts";

/** Deepest nesting; a pod of Kubernetes 1.36 stays below 20. */
const MAX_DEPTH = 64;
/** Most objects and lists in what is new. */
const MAX_NEW_VALUES = 100_000;

/**
 * Plain JSON equal to `foreign`. Everywhere that `foreign` equals `known`, it is `known`'s own part.
 * @param onFault makes the error to throw from what is wrong, such as `a value of type function at spec.volumes.0`
 */
export function adoptJson(foreign: unknown, known: unknown, onFault: (fault: string) => Error): unknown {
  return foreign === known ? known : adopt(foreign, known, { path: [], values: 0, adopted: new Map(), onFault });
}

interface Walk {
  readonly path: (string | number)[];
  /**
   * What was taken over, by the foreign object: injectors put one env var into all containers. Of this reading only, since
   * the object may be another one at the next.
   */
  readonly adopted: Map<object, object>;
  readonly onFault: (fault: string) => Error;
  values: number;
}

function adopt(foreign: unknown, known: unknown, walk: Walk): unknown {
  if (typeof foreign === "string") return foreign;
  if (typeof foreign !== "object" || foreign === null) return adoptScalar(foreign, walk);
  const before = walk.adopted.get(foreign);
  // What it may equal here is looked at anew: elsewhere it equalled nothing, or something else.
  if (before !== undefined && (before === known || typeof known !== "object" || known === null)) return before;
  if (walk.path.length > MAX_DEPTH) fail(walk, "values that nest too deep");
  if (++walk.values > MAX_NEW_VALUES) fail(walk, "too many values");
  const plain = Array.isArray(foreign)
    ? adoptList(foreign, known, walk)
    : adoptObject(foreign as JsonObject, known, walk);
  walk.adopted.set(foreign, plain);
  return plain;
}

function adoptScalar(value: unknown, walk: Walk): unknown {
  if (typeof value === "boolean" || value === null) return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return fail(walk, typeof value === "number" ? "a number that is none in JSON" : `a value of type ${typeof value}`);
}

function adoptObject(foreign: JsonObject, known: unknown, walk: Walk): JsonObject {
  if (!isPlain(foreign)) fail(walk, "an object of a class");
  // The copy reads each field once, and keeps a field named `__proto__` a field.
  const copy: Record<string, unknown> = { ...foreign };
  const old = isJsonObject(known) ? known : undefined;
  for (const key of Object.keys(copy)) {
    const value = copy[key];
    if (typeof value === "string") continue;
    // As in JSON, a field that is undefined is none. Any other is one of the copy's own, so this sets no prototype.
    if (value === undefined) delete copy[key];
    else copy[key] = within(walk, key, value, old !== undefined && Object.hasOwn(old, key) ? old[key] : undefined);
  }
  return old !== undefined && changedFields(old, copy).length === 0 ? old : copy;
}

/** An object of a class, such as a Date, is not what it looks like in JSON. */
function isPlain(object: JsonObject): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function adoptList(foreign: readonly unknown[], known: unknown, walk: Walk): readonly unknown[] {
  const old: readonly unknown[] = Array.isArray(known) ? known : [];
  const copy = readEntries(foreign, walk);
  const { start, beforeEnd, afterEnd } = differingStretch(old, copy);
  if (start < afterEnd) adoptStretch(copy, start, afterEnd, old.slice(start, beforeEnd), walk);
  const isSame = Array.isArray(known) && known.length === copy.length && copy.every((entry, at) => entry === known[at]);
  return isSame ? old : copy;
}

/**
 * Replaces the entries from `start` to `end` by plain ones; each is compared with one of its name in `old`, if possible
 * with the next.
 */
function adoptStretch(list: unknown[], start: number, end: number, old: readonly unknown[], walk: Walk): void {
  if (old.length === 0) {
    for (let index = start; index < end; index++) list[index] = within(walk, index, list[index], undefined);
    return;
  }
  const unchanged = new Set(old);
  const compared = new Set<number>();
  let next = 0;
  for (let index = start; index < end; index++) {
    const entry = list[index];
    if (unchanged.has(entry)) continue;
    const at = indexOfName(old, nameOf(entry), next, compared);
    if (at !== -1) next = at + 1;
    list[index] = within(walk, index, entry, old[at]);
    compared.add(at);
  }
}

/** An entry of that name which was not compared yet: from a place on, or else before it. */
function indexOfName(list: readonly unknown[], name: unknown, from: number, compared: ReadonlySet<number>): number {
  for (let step = 0; step < list.length; step++) {
    const index = (from + step) % list.length;
    if (nameOf(list[index]) === name && !compared.has(index)) return index;
  }
  return -1;
}

/** Each entry is read once, and the list keeps no link to the foreign one. A hole is `undefined`, which is no JSON. */
function readEntries(list: readonly unknown[], walk: Walk): unknown[] {
  const { length } = list;
  if (length > MAX_NEW_VALUES) fail(walk, "too many values");
  const entries: unknown[] = [];
  for (let index = 0; index < length; index++) entries.push(list[index]);
  return entries;
}

function within(walk: Walk, key: string | number, foreign: unknown, known: unknown): unknown {
  // A hole in a list is undefined, as is what it is compared with.
  if (foreign === known && foreign !== undefined) return foreign;
  walk.path.push(key);
  const plain = adopt(foreign, known, walk);
  walk.path.pop();
  return plain;
}

function nameOf(entry: unknown): unknown {
  return isJsonObject(entry) ? entry["name"] : undefined;
}

function fail({ path, onFault }: Walk, fault: string): never {
  const at = path.length === 0 ? "" : ` at ${printable(shortened(path.join("."), 120))}`;
  throw onFault(`${fault}${at}`);
}
