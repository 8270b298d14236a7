/** A config of our own format while it is made from Flyte's, that knows where each piece came from. */
import { quoted, isJsonObject } from "@pod-secrets/core";

import { CONFIG_ERRORS, type ConfigErrorCode } from "../../errors.ts";
import { nearestName } from "../nearest-name.ts";
import { dotted, type Locate, type Path, type Problem } from "../problems.ts";

/** One key of a section. */
export interface FlyteEntry {
  /** As it is written. */
  readonly key: string;
  /** In lower case. */
  readonly name: string;
  readonly value: unknown;
}

export interface Draft {
  /** Sets a value of our format. `to` consists of our own keys only. */
  set(to: readonly string[], value: unknown, from: Path): void;
  /** Says where a piece of our format comes from; the longest path counts. */
  origin(to: Path, from: Path): void;
  /** The keys of a section of Flyte that are set: for Flyte an empty one is not. A section that is no mapping is a problem. */
  entries(path: Path, section: unknown): readonly FlyteEntry[];
  problem(code: ConfigErrorCode, from: Path, message: string, fix: string, part?: "key" | "value"): void;
  warning(code: ConfigErrorCode, from: Path, message: string, fix?: string): void;
  /** Warns of a key that Flyte does not know: Flyte takes it without a word, so a file with one is a working file. */
  unknown(from: Path, known: readonly string[]): void;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly value: Readonly<Record<string, unknown>>;
  /** Takes paths of our format, and gives places in Flyte's file. */
  readonly locate: Locate;
}

/** @param locateInFlyte of Flyte's file */
export function createDraft(locateInFlyte: Locate): Draft {
  const value: Record<string, unknown> = {};
  const origins: { readonly to: Path; readonly from: Path }[] = [];
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const draft: Draft = {
    set(to, part, from) {
      setAt(value, to, part);
      draft.origin(to, from);
    },
    origin(to, from) {
      origins.push({ to, from });
    },
    entries(path, section) {
      if (section === undefined || section === null) return [];
      if (isJsonObject(section))
        return Object.entries(section).flatMap(([key, entry]) =>
          entry === null ? [] : [{ key, name: key.toLowerCase(), value: entry }],
        );
      const message = `key "${path.join(".")}" must be a mapping`;
      draft.problem("E_CONFIG_TYPE", path, message, "Write its keys below it, indented.");
      return [];
    },
    problem(code, from, message, fix, part = "value") {
      problems.push({ ...locateInFlyte(from, part), code, message, fix });
    },
    warning(code, from, message, fix = CONFIG_ERRORS[code].fix) {
      warnings.push({ ...locateInFlyte(from, "key"), code, message, fix });
    },
    unknown(from, known) {
      const near = nearestName(String(from.at(-1)), known);
      const hint = near === undefined ? undefined : `Did you mean ${near}?`;
      draft.warning("W_CONFIG_UNUSED", from, `key ${quoted(dotted(from), 255)} is not one of Flyte's`, hint);
    },
    problems,
    warnings,
    value,
    locate(path, part) {
      const [nearest] = origins.filter(({ to }) => isStartOf(to, path)).toSorted((a, b) => b.to.length - a.to.length);
      const from = nearest === undefined ? ["webhook"] : [...nearest.from, ...path.slice(nearest.to.length)];
      return locateInFlyte(from, part);
    },
  };
  return draft;
}

function isStartOf(start: Path, path: Path): boolean {
  return start.every((step, index) => path[index] === step);
}

function setAt(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let target = root;
  for (const step of path.slice(0, -1)) target = (target[step] ??= {}) as Record<string, unknown>;
  const last = path.at(-1);
  if (last !== undefined) target[last] = value;
}
