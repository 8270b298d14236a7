/** What changes in a pod, as a unified diff of its YAML. It shows the pod, and so a secret that is literal in it. */
import { structuredPatch } from "diff";

import type { Paint } from "./streams.ts";

/** Lines around a change. */
const CONTEXT = 3;

/**
 * The diff, in colours when `paint` has them, with a newline at its end; empty when nothing changed.
 * @param name stands in the head of the diff
 */
export function podDiff(name: string, before: string, after: string, paint: Paint, context = CONTEXT): string {
  const { hunks } = structuredPatch(name, name, before, after, undefined, undefined, { context });
  if (hunks.length === 0) return "";
  const oldLines = before.split("\n");
  const lines = [paint("bold", `--- ${name}`), paint("bold", `+++ ${name}`)];
  for (const { oldStart, oldLines: oldCount, newStart, newLines: newCount, lines: changed } of hunks) {
    const head = `@@ -${oldStart},${oldCount} +${newStart},${newCount} @@`;
    const where = locate(oldLines, oldStart - 1);
    lines.push(paint("cyan", head) + (where === "" ? "" : paint("dim", ` ${where}`)));
    for (const line of changed) lines.push(paintLine(line, paint));
  }
  return `${lines.join("\n")}\n`;
}

function paintLine(line: string, paint: Paint): string {
  if (line.startsWith("+")) return paint("green", line);
  return line.startsWith("-") ? paint("red", line) : line;
}

/** The keys that lead to a line, outermost first: `spec containers main`. The hunk's own lines do not show them. */
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
