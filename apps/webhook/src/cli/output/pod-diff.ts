/** What changes in a pod, as a unified diff of its YAML. It shows the pod, and so a secret that is literal in it. */
import { structuredPatch } from "diff";

import type { Paint } from "../streams.ts";

/** Lines that changed, and a few around them. */
export interface Hunk {
  /** `@@ -10,4 +10,9 @@` */
  readonly head: string;
  /** The keys that lead there, outermost first: `spec containers main`. The lines themselves do not show them. */
  readonly where: string;
  /** Each starts with `+`, `-` or a space. */
  readonly lines: readonly string[];
}

/** Lines around a change. */
const CONTEXT = 3;

/** The hunks between two texts; none when they are the same. */
export function diffHunks(before: string, after: string, context: number = CONTEXT): readonly Hunk[] {
  const oldLines = before.split("\n");
  const { hunks } = structuredPatch("", "", before, after, undefined, undefined, { context });
  return hunks.map(({ oldStart, oldLines: oldCount, newStart, newLines: newCount, lines }) => ({
    head: `@@ -${range(oldStart, oldCount)} +${range(newStart, newCount)} @@`,
    where: locate(oldLines, oldStart - 1),
    lines,
  }));
}

/** An empty range is named by the line before it. */
function range(start: number, count: number): string {
  return `${count === 0 ? start - 1 : start},${count}`;
}

/**
 * The diff, in colours when `paint` has them, with a newline at its end; empty when nothing changed.
 * @param name stands in the head of the diff
 */
export function podDiff(name: string, before: string, after: string, paint: Paint): string {
  const hunks = diffHunks(before, after);
  if (hunks.length === 0) return "";
  const lines = [paint("bold", `--- ${name}`), paint("bold", `+++ ${name}`)];
  for (const { head, where, lines: changed } of hunks) {
    lines.push(paint("cyan", head) + (where === "" ? "" : paint("dim", ` ${where}`)));
    for (const line of changed) lines.push(paintLine(line, paint));
  }
  return `${lines.join("\n")}\n`;
}

/** Green for what comes, red for what goes. */
export function paintLine(line: string, paint: Paint): string {
  if (line.startsWith("+")) return paint("green", line);
  return line.startsWith("-") ? paint("red", line) : line;
}

/** The keys above a line. */
function locate(lines: readonly string[], index: number): string {
  const keys: string[] = [];
  let depth = depthOf(lines[index] ?? "");
  for (let at = index - 1; at >= 0 && depth > 0; at--) {
    const line = lines[at] ?? "";
    if (/^\s*(#|$)/.test(line) || depthOf(line) >= depth) continue;
    depth = depthOf(line);
    keys.unshift(keyOf(line));
  }
  return keys.filter((key) => key !== "").join(" ");
}

/** A dash stands deeper than the key above it, also where both start in one column. */
function depthOf(line: string): number {
  const indent = line.length - line.trimStart().length;
  return line.startsWith("- ", indent) ? 2 * indent + 1 : 2 * indent;
}

function keyOf(line: string): string {
  const [, name] = /^\s*- name: ([^\s#]+)$/.exec(line) ?? [];
  if (name !== undefined) return name;
  const [, key] = /^\s*(?:- )?([A-Za-z0-9_.\-/]+):/.exec(line) ?? [];
  return line.trimStart().startsWith("- ") ? "" : (key ?? "");
}
