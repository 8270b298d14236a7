/** Settings of one of Flyte's managers -> options of ours. */
import { isJsonObject } from "@pod-secrets/core";

import type { Draft, FlyteEntry } from "./flyte-draft.ts";
import type { Path } from "../problems.ts";

/** Options of a manager while they are filled. */
export interface Target {
  readonly options: Record<string, unknown>;
  readonly path: Path;
  readonly draft: Draft;
}

/** A key of a manager's section, and where it stands. */
export interface Setting extends FlyteEntry {
  readonly from: Path;
}

export function setOption(target: Target, option: string, value: unknown, from: Path): void {
  target.options[option] = value;
  target.draft.origin([...target.path, option], from);
}

/**
 * Sets `resources` of an init container. Flyte reads a file over its defaults: of requests and limits, the one that a
 * file leaves out, or empty, is Flyte's, and the other is the file's as a whole (v1.16.8 `flytestdlib/config/viper`).
 * @param amounts Flyte's default, the same for requests and limits
 */
export function setResources(target: Target, amounts: Amounts, value: unknown, from: Path): void {
  if (value === null) return;
  if (!isJsonObject(value)) return setOption(target, "resources", value, from);
  const resources = new Map<string, unknown>([
    ["requests", amounts],
    ["limits", amounts],
  ]);
  for (const setting of settingsIn(from, value, target.draft)) {
    if (isEmpty(setting.value)) continue;
    resources.set(setting.name, setting.value);
    target.draft.origin([...target.path, "resources", setting.name], setting.from);
  }
  setOption(target, "resources", Object.fromEntries(resources), from);
}

/** CPU and memory, as Kubernetes quantities. */
export type Amounts = Readonly<Record<"cpu" | "memory", string>>;

function isEmpty(value: unknown): boolean {
  return value === null || (isJsonObject(value) && Object.values(value).every((amount) => amount === null));
}

/** The settings below a key of `webhook`, by its name in lower case. */
export function settingsOf(section: string, entries: readonly FlyteEntry[], draft: Draft): readonly Setting[] {
  const entry = entries.find(({ name }) => name === section);
  return entry === undefined ? [] : settingsIn(["webhook", entry.key], entry.value, draft);
}

/** The settings below a path. */
export function settingsIn(path: Path, section: unknown, draft: Draft): readonly Setting[] {
  return draft.entries(path, section).map((setting) => ({ ...setting, from: [...path, setting.key] }));
}
