/** Several config files, as a ConfigMap has them, joined by their top-level keys. */
import { quoted, isJsonObject } from "@pod-secrets/core";

import type { Locate, Problem } from "./problems.ts";
import type { YamlFile } from "./yaml-file.ts";

export interface Sections {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Whether the value is worth a look: a file with broken syntax would only give follow-on findings. */
  readonly readable: boolean;
  readonly locate: Locate;
}

/** Joins files; a section that two of them have is a problem. */
export function joinSections(files: readonly YamlFile[]): Sections {
  const problems = files.flatMap((file) => file.problems);
  const owners = new Map<string, YamlFile>();
  const value: [string, unknown][] = [];
  for (const file of files) {
    // An empty file, or one with comments only, says nothing and is fine.
    if (file.value === null || file.value === undefined) continue;
    if (!isJsonObject(file.value)) {
      problems.push(noMapping(file));
      continue;
    }
    for (const [key, section] of Object.entries(file.value)) {
      const owner = owners.get(key);
      if (owner === undefined) {
        owners.set(key, file);
        value.push([key, section]);
      } else problems.push(duplicateSection(key, file, owner));
    }
  }
  const locate: Locate = (path, part) => {
    const owner = owners.get(String(path[0])) ?? files[0];
    return owner === undefined ? { file: "", line: 1, column: 1, path: "" } : owner.locate(path, part);
  };
  return { value: Object.fromEntries(value), problems, readable: !files.some((file) => file.broken), locate };
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
