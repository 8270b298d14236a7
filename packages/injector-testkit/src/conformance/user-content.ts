/** What the user wrote stays, and so does its identity: a copy costs time, and hides what changed. */
import { checkInjection, createPatch } from "@pod-secrets/core";

import type { Admission } from "./admission.ts";
import type { Check } from "./cases.ts";
import { everyAdmission } from "./scenarios.ts";

export const USER_CONTENT_CHECKS: readonly Check[] = [
  {
    id: "user-content/injection-check",
    title: "only adds, and only in the places that are allowed",
    run: (subject) => everyAdmission(subject, checkSteps),
  },
  {
    id: "user-content/untouched",
    title: "keeps everything that the user wrote, and fields that nobody knows yet",
    run: (subject) => everyAdmission(subject, checkUntouched),
  },
  {
    id: "user-content/shared",
    title: "shares with the pod that it got what it does not change",
    run: (subject) => everyAdmission(subject, checkShared),
  },
  {
    id: "user-content/places",
    title: "patches nothing but env, mounts, volumes, init containers, annotations and image pull secrets",
    run: (subject) => everyAdmission(subject, checkPlaces),
  },
];

function checkSteps({ steps, context }: Admission): void {
  for (const { before, answer } of steps) {
    const problem = checkInjection(before, answer, context);
    if (problem !== undefined) throw new Error(problem);
  }
}

type Path = readonly (string | number)[];

/** Env vars are the one thing that a profile may replace. */
function checkUntouched({ before, after, context }: Admission): void {
  const replaces = context.profile.envPlacement === "prepend";
  const lost = firstLost(before, after, [], replaces);
  if (lost !== undefined) throw new Error(`${lost.join(".")} of the user's pod is gone or another`);
}

/** Path of the first part of `before` that `after` does not have. */
function firstLost(before: unknown, after: unknown, path: Path, replaces: boolean): Path | undefined {
  if (before === null && isListField(path)) return undefined;
  if (Array.isArray(before)) return Array.isArray(after) ? firstLostEntry(before, after, path, replaces) : path;
  if (typeof before !== "object" || before === null) return Object.is(before, after) ? undefined : path;
  if (typeof after !== "object" || after === null || Array.isArray(after)) return path;
  for (const [name, value] of Object.entries(before)) {
    if (!Object.hasOwn(after, name)) return [...path, name];
    const lost = firstLost(value, (after as Record<string, unknown>)[name], [...path, name], replaces);
    if (lost !== undefined) return lost;
  }
  return undefined;
}

/** Entries stay in their order; there may be others between them. */
function firstLostEntry(
  before: readonly unknown[],
  after: readonly unknown[],
  path: Path,
  replaces: boolean,
): Path | undefined {
  let next = 0;
  for (const [index, entry] of before.entries()) {
    const at = after.findIndex((candidate, position) => position >= next && isKept(entry, candidate, path, replaces));
    if (at !== -1) next = at + 1;
    else if (!(replaces && path.at(-1) === "env" && hasNamed(after, entry)))
      return firstLost(entry, namedLike(entry, after), [...path, index], replaces) ?? [...path, index];
  }
  return undefined;
}

function isKept(before: unknown, after: unknown, path: Path, replaces: boolean): boolean {
  const extends_ = MAY_GROW.has(String(path.at(-1)));
  if (!extends_) return JSON.stringify(before) === JSON.stringify(after);
  return nameOf(before) === nameOf(after) && firstLost(before, after, [...path, "*"], replaces) === undefined;
}

/** Lists whose entries may get more than they had. */
const MAY_GROW: ReadonlySet<string> = new Set(["containers", "initContainers", "volumes"]);
/** A null in their place is a list without entries. */
const LISTS: ReadonlySet<string> = new Set([
  ...["annotations", "volumes", "imagePullSecrets", "initContainers", "env", "volumeMounts"],
]);

function isListField(path: Path): boolean {
  return LISTS.has(String(path.at(-1)));
}

function hasNamed(list: readonly unknown[], entry: unknown): boolean {
  return namedLike(entry, list) !== undefined;
}

function namedLike(entry: unknown, list: readonly unknown[]): unknown {
  return list.find((candidate) => nameOf(candidate) !== undefined && nameOf(candidate) === nameOf(entry));
}

function nameOf(entry: unknown): unknown {
  return typeof entry === "object" && entry !== null && "name" in entry ? entry.name : undefined;
}

function checkShared({ before, after }: Admission): void {
  const copied = firstCopy(before, after, []);
  if (copied !== undefined)
    throw new Error(
      `${copied.join(".") || "the pod"} is a copy without a change; build the result with core's editing functions`,
    );
}

/** Path of the first part that is equal and yet another object. */
function firstCopy(before: unknown, after: unknown, path: Path): Path | undefined {
  if (before === after || typeof before !== "object" || typeof after !== "object") return undefined;
  if (before === null || after === null) return undefined;
  if (JSON.stringify(before) === JSON.stringify(after)) return path;
  if (Array.isArray(before) && Array.isArray(after)) return firstCopiedEntry(before, after, path);
  for (const [name, value] of Object.entries(before)) {
    const copied = firstCopy(value, (after as Record<string, unknown>)[name], [...path, name]);
    if (copied !== undefined) return copied;
  }
  return undefined;
}

function firstCopiedEntry(before: readonly unknown[], after: readonly unknown[], path: Path): Path | undefined {
  const kept = new Set(after);
  for (const [index, entry] of before.entries()) {
    if (kept.has(entry) || typeof entry !== "object") continue;
    const now = namedLike(entry, after);
    const equal = after.find((candidate) => JSON.stringify(candidate) === JSON.stringify(entry));
    const copied = equal === undefined ? firstCopy(entry, now, [...path, index]) : [...path, index];
    if (copied !== undefined) return copied;
  }
  return undefined;
}

/** Paths that a patch may have, as in the promise of the webhook. */
const ALLOWED_PATHS =
  /^\/(metadata(\/annotations(\/[^/]+)?)?|spec\/(volumes(\/\d+(\/secret\/items(\/\d+)?)?)?|imagePullSecrets(\/\d+)?|initContainers(\/\d+)?|(initContainers|containers)\/\d+\/(volumeMounts(\/\d+)?|env(\/\d+(\/value(From)?(\/.+)?)?)?)))$/;

function checkPlaces({ before, after }: Admission): void {
  for (const { op, path } of createPatch(before, after)) {
    if (path.length > 1024 || !ALLOWED_PATHS.test(path)) throw new Error(`the patch has ${op} ${path.slice(0, 200)}`);
    if (path === "/metadata" && before.metadata !== undefined) throw new Error("the patch replaces the metadata");
  }
}
