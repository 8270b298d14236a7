/** One YAML text -> plain data, and where each piece of it stands. */
import { LineCounter, isAlias, isMap, isNode, isPair, isScalar, isSeq, parseDocument, type Document } from "yaml";

import { dotted, type Locate, type Path, type Position, type Problem } from "./problems.ts";

export interface YamlFile {
  readonly file: string;
  /** Plain data; undefined when it could not be read. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Whether the syntax is so wrong that the value means little. */
  readonly broken: boolean;
  readonly locate: Locate;
}

/** As many as a human would write; a billion laughs needs more. */
const MAX_ALIASES = 100;

/** Reads one document by the core schema of YAML 1.2. Never throws. */
export function parseYamlFile(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const start: Position = { file, line: 1, column: 1 };
  const syntaxProblem = (message: string, position: Position = start): Problem => ({
    ...position,
    path: "",
    code: "E_CONFIG_SYNTAX",
    message,
    fix: "Correct the YAML here.",
  });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, schema: "core", uniqueKeys: true, prettyErrors: false });
    const problems = [...document.errors, ...document.warnings].map((error) =>
      syntaxProblem(firstLine(error.message), position(error.pos[0])),
    );
    const locate: Locate = (path, part = "value") => ({
      ...position(offsetOf(document, path, part)),
      path: dotted(path),
    });
    // A key that is there twice leaves the rest legible.
    const broken = document.errors.some((error) => error.code !== "DUPLICATE_KEY");
    return { file, value: document.toJS({ maxAliasCount: MAX_ALIASES }), problems, broken, locate };
  } catch (error) {
    // Nesting beyond the stack, too many aliases, an alias of nothing.
    const message = error instanceof RangeError ? "it is nested too deeply" : firstLine((error as Error).message);
    return {
      file,
      value: undefined,
      problems: [syntaxProblem(message)],
      broken: true,
      locate: (path) => ({ ...start, path: dotted(path) }),
    };
  }
}

/** The parser's texts end in a full stop or an excerpt now and then. */
function firstLine(message: string): string {
  const [line = ""] = message.split("\n", 1);
  return line.replace(/[.:]$/, "").slice(0, 200);
}

function offsetOf(document: Document, path: Path, part: "key" | "value"): number {
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
  const pair = node.items.find((item) => isPair(item) && textOf(item.key) === String(step));
  return pair === undefined ? undefined : { key: pair.key, value: pair.value };
}

function textOf(key: unknown): string {
  const value: unknown = isScalar(key) ? key.value : key;
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

function startOf(node: unknown, fallback: number): number {
  return isNode(node) ? (node.range?.[0] ?? fallback) : fallback;
}
