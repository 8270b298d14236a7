/** Where a piece of a YAML document stands in its text. */
import { isAlias, isMap, isNode, isPair, isScalar, isSeq, type Document } from "yaml";

import type { Path } from "./problems.ts";

/** Of the piece, or of the nearest one around it that is there. In UTF-16 code units. */
export function offsetOf(document: Document, path: Path, part: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = startOf(node, 0);
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const child = childOf(node, step);
    if (child === undefined) return offset;
    const last = depth === path.length - 1;
    offset = last && part === "key" ? startOf(child.key, offset) : startOf(child.value, startOf(child.key, offset));
    node = child.value;
  }
  return offset;
}

function childOf(node: unknown, step: string | number): { key: unknown; value: unknown } | undefined {
  if (isSeq(node)) {
    const value: unknown = node.items[Number(step)];
    return value === undefined ? undefined : { key: value, value };
  }
  if (!isMap(node)) return undefined;
  // A key is a node, and a number or null in the document becomes text in plain data.
  const pair = node.items.findLast((item) => isPair(item) && textOf(item.key) === String(step));
  return pair === undefined ? undefined : { key: pair.key, value: pair.value };
}

function textOf(key: unknown): string {
  const value: unknown = isScalar(key) ? key.value : key;
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** Where a node starts. */
export function startOf(node: unknown, fallback: number): number {
  return isNode(node) ? (node.range?.[0] ?? fallback) : fallback;
}
