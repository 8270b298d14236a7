/** Where the items of a request go: no place may be two things at once. */
import { quoted } from "@pod-secrets/core";

import { FetchFailure } from "../failure.ts";
import type { PreparedItem } from "./prepared-request.ts";
import { foldersOf } from "./volume-path.ts";

/** What a path below the volume is, and for whom. */
interface Use {
  /** What it is told apart by: the same twice is one. */
  readonly content: string;
  readonly item: string;
}

/** @throws FetchFailure `wrong-request` when two items want one place for different things */
export function checkTargets(items: readonly PreparedItem[], folders: readonly string[]): void {
  const files = new Map<string, Use>();
  const lines = new Map<string, Use>();
  for (const { name, identity, files: targets, env } of items) {
    for (const { path, mode } of targets) claim(files, path, { content: `${mode} ${identity}`, item: name }, path);
    for (const { file, key } of env) {
      claim(files, file, { content: "env file", item: name }, file);
      claim(lines, `${file}\n${key}`, { content: identity, item: name }, `${key} in ${file}`);
    }
  }
  for (const [path, { item }] of files) {
    const parent = foldersOf(path).find((folder) => files.has(folder));
    if (parent !== undefined) throw clash(parent, files.get(parent)?.item ?? "", item);
  }
  for (const folder of folders) {
    const file = [folder, ...foldersOf(folder)].find((path) => files.has(path));
    if (file !== undefined) throw clash(file, files.get(file)?.item ?? "", `folder ${folder}`);
  }
}

function claim(uses: Map<string, Use>, key: string, use: Use, place: string): void {
  const taken = uses.get(key);
  if (taken !== undefined && taken.content !== use.content) throw clash(place, taken.item, use.item);
  uses.set(key, use);
}

function clash(place: string, first: string, second: string): FetchFailure {
  return new FetchFailure(
    "wrong-request",
    `the request cannot be read: ${quoted(first)} and ${quoted(second)} both want ${quoted(place, 160)}`,
    "Give each a place of its own.",
  );
}
