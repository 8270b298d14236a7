/** One YAML text -> plain data, and where each piece of it stands. */
import {
  CST,
  Lexer,
  LineCounter,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
} from "yaml";

import { quoted, oneLine } from "@pod-secrets/core";

import { NestingError, TOO_DEEP, isTooDeep, shallowTokens } from "./nesting.ts";
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

/** Far more than a config has, also with its aliases written out. */
const MAX_NODES = 100_000;
/** More than any config has. */
const MAX_ALIASES = 1000;
/** The lexer's mark before the text of a scalar, and its others (yaml 2, `CST`). */
const SCALAR = CST.SCALAR;
const MARKS: ReadonlySet<string> = new Set([CST.BOM, CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

/** What is wrong with a document that the parser takes. */
class YamlFault extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

function parserFault(error: unknown): YamlFault {
  if (error instanceof NestingError) return new YamlFault(TOO_DEEP, error.offset);
  // Aliases overflow the stack; nothing else is known to make the parser throw.
  return new YamlFault(error instanceof RangeError ? TOO_DEEP : "the parser failed on it", 0);
}

/** Reads one document by the core schema of YAML 1.2. Never throws. */
export function parseYamlFile(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const start: Position = { file, line: 1, column: 1 };
  const syntaxProblem = (message: string, position: Position): Problem => ({
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
    // Run to its end for its check; the parser below makes its own tokens.
    Array.from(shallowTokens(text, lines.addNewLine));
    checkAliases(text);
    const document = parseDocument(text, {
      schema: "core",
      uniqueKeys: true,
      prettyErrors: false,
      logLevel: "error",
    });
    const problems = [...document.errors, ...document.warnings].map((error) => {
      const problem = syntaxProblem(firstLine(error.message), position(error.pos[0]));
      if (error.code === "MULTIPLE_DOCS") return { ...problem, ...SECOND_DOCUMENT };
      if (error.code !== "DUPLICATE_KEY") return problem;
      const key = keyText(text.slice(error.pos[0]));
      return { ...problem, path: key, message: `key ${quoted(key)} is there twice`, fix: "Keep one of them." };
    });
    const locate: Locate = (path, part = "value") => ({
      ...position(offsetOf(document, path, part)),
      path: dotted(path),
    });
    // A key that is there twice leaves the rest legible.
    const broken = [...document.errors, ...document.warnings].some((error) => error.code !== "DUPLICATE_KEY");
    if (broken) return { file, value: undefined, problems: firstOf(problems), broken, locate };
    checkSize(document);
    const value: unknown = document.toJS({ maxAliasCount: -1 });
    if (isTooDeep(value)) throw new YamlFault(TOO_DEEP, 0);
    return { file, value, problems, broken, locate };
  } catch (error) {
    const fault = error instanceof YamlFault ? error : parserFault(error);
    return {
      file,
      value: undefined,
      problems: [syntaxProblem(fault.message, position(fault.offset))],
      broken: true,
      locate: (path) => ({ ...start, path: dotted(path) }),
    };
  }
}

/** The parser reads the document up to each alias again. */
function checkAliases(text: string): void {
  let aliases = 0;
  let offset = 0;
  let inScalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme.startsWith("*") && !inScalar) aliases += 1;
    if (aliases > MAX_ALIASES) throw new YamlFault(`it has more than ${MAX_ALIASES} aliases`, offset);
    inScalar = lexeme === SCALAR;
    // The lexer's marks are not of the text.
    if (!MARKS.has(lexeme)) offset += lexeme.length;
  }
}

/**
 * Aliases cost the parser nothing, and whoever walks the data everything: a few lines of them can be a billion
 * entries. The parser's own check of that does not see aliases of empty collections.
 */
function checkSize(document: Document): void {
  const sizes = new Map<unknown, number>();
  const sizeOf = (node: unknown): number => {
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) throw new YamlFault("an alias of an anchor that is not there", startOf(node, 0));
      return sizeOf(target);
    }
    const known = sizes.get(node);
    if (known !== undefined) return known;
    // What meets itself again has no end.
    sizes.set(node, Number.POSITIVE_INFINITY);
    let size = 1;
    if (isSeq(node)) for (const item of node.items) size += sizeOf(item);
    if (isMap(node)) for (const { key, value } of node.items) size += sizeOf(key) + sizeOf(value);
    sizes.set(node, size);
    return size;
  };
  if (sizeOf(document.contents) > MAX_NODES) throw new YamlFault("it is too large with its aliases written out", 0);
}

/** The parser's texts end in a full stop or an excerpt now and then. */
const SECOND_DOCUMENT = {
  message: "a second document starts here, and a config is one",
  fix: "Remove it, or put it into a file of its own.",
} as const;

/** Most places of one file that are no YAML. One mistake makes many, and a file of another kind hundreds. */
const MAX_SYNTAX_PROBLEMS = 20;

function firstOf(problems: readonly Problem[]): readonly Problem[] {
  const next = problems[MAX_SYNTAX_PROBLEMS];
  if (next === undefined) return problems;
  const message = `${problems.length - MAX_SYNTAX_PROBLEMS} more places are no YAML`;
  const fix = "Correct the first ones, or name the file that you mean.";
  return [...problems.slice(0, MAX_SYNTAX_PROBLEMS), { ...next, message, fix }];
}

function firstLine(message: string): string {
  const [line = ""] = message.split("\n", 1);
  return oneLine(line.replace(/[.:]$/, ""), 200);
}

/** The key that a text starts with. */
function keyText(text: string): string {
  return /^["']?([^"':\s,}]{0,100})/.exec(text)?.[1] ?? "";
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
  const pair = node.items.findLast((item) => isPair(item) && textOf(item.key) === String(step));
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
