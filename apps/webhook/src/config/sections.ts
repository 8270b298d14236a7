/** Several config files, as a ConfigMap has them, joined by their top-level keys. */
import { quoted, isJsonObject } from "@pod-secrets/core";

import type { Locate, Path, Problem } from "./problems.ts";
import type { YamlFile } from "./yaml-file.ts";

export interface Sections {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Whether the value is worth a look: a file with broken syntax would only give follow-on findings. */
  readonly readable: boolean;
  readonly locate: Locate;
}

/**
 * Joins files. A section that two of them have is a problem; its value is that of the later file laid over that of the
 * earlier one, for whom that is none.
 */
export function joinSections(files: readonly YamlFile[]): Sections {
  const problems = files.flatMap((file) => file.problems);
  const owners = new Map<string, YamlFile[]>();
  const value = new Map<string, unknown>();
  for (const file of files) {
    // An empty file, or one with comments only, says nothing and is fine.
    if (file.value === null || file.value === undefined) continue;
    if (!isJsonObject(file.value)) {
      problems.push(noMapping(file));
      continue;
    }
    for (const [key, section] of Object.entries(file.value)) {
      const before = owners.get(key);
      if (before?.[0] !== undefined) problems.push(duplicateSection(key, file, before[0]));
      owners.set(key, [...(before ?? []), file]);
      value.set(key, laidOver(value.get(key), section));
    }
  }
  const locate: Locate = (path, part) => {
    const all = owners.get(String(path[0])) ?? files;
    const owner = all.findLast((file) => has(file.value, path)) ?? all[0];
    return owner === undefined ? { file: "", line: 1, column: 1, path: "" } : owner.locate(path, part);
  };
  return { value: Object.fromEntries(value), problems, readable: !files.some((file) => file.broken), locate };
}

/**
 * As Flyte lays files over each other (v1.16.8 `flytestdlib/config/viper`): mappings key by key in any letter case, all
 * else as a whole. Only a mapping is laid over a mapping; an empty key unsets any other value.
 */
function laidOver(below: unknown, above: unknown): unknown {
  if (!isJsonObject(below)) return above;
  if (!isJsonObject(above)) return below;
  const merged = new Map(Object.entries(below));
  const spelled = new Map(Object.keys(below).map((key) => [key.toLowerCase(), key]));
  for (const [key, value] of Object.entries(above)) {
    const old = spelled.get(key.toLowerCase()) ?? key;
    const joined = laidOver(merged.get(old), value);
    merged.delete(old);
    merged.set(key, joined);
  }
  return Object.fromEntries(merged);
}

function has(value: unknown, path: Path): boolean {
  let at = value;
  for (const step of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return false;
    at = (at as Record<string | number, unknown>)[step];
  }
  return true;
}

function noMapping(file: YamlFile): Problem {
  return {
    ...file.locate([]),
    code: "E_CONFIG_TYPE",
    message: "the file must be a mapping of keys to values",
    fix: "Start it with a key, such as `managers:`.",
  };
}

function duplicateSection(key: string, file: YamlFile, owner: YamlFile): Problem {
  return {
    ...file.locate([key], "key"),
    code: "E_CONFIG_DUPLICATE_SECTION",
    message: `section ${quoted(key)} is also in ${quoted(owner.file, 255)}`,
    fix: "Keep it in one file.",
  };
}
