/** Settings of one of Flyte's managers -> options of ours. */
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

/** The settings below a key of `webhook`, by its name in lower case. */
export function settingsOf(section: string, entries: readonly FlyteEntry[], draft: Draft): readonly Setting[] {
  const entry = entries.find(({ name }) => name === section);
  return entry === undefined ? [] : settingsIn(["webhook", entry.key], entry.value, draft);
}

/** The settings below a path. */
export function settingsIn(path: Path, section: unknown, draft: Draft): readonly Setting[] {
  return draft.entries(path, section).map((setting) => ({ ...setting, from: [...path, setting.key] }));
}
