/** What keeps a YAML document from costing more than it is worth: how much its aliases may make of it. */
import { CST, Lexer, isAlias, isMap, isSeq, type Document } from "yaml";

import { NestingError, TOO_DEEP } from "./nesting.ts";
import { startOf } from "./yaml-places.ts";

/** Far more than a config has, also with its aliases written out. */
const MAX_NODES = 100_000;
/** More than any config has. */
const MAX_ALIASES = 1000;
/** The lexer's mark before the text of a scalar, and its others (yaml 2, `CST`). */
const SCALAR = CST.SCALAR;
const MARKS: ReadonlySet<string> = new Set([CST.BOM, CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

/** What is wrong with a document that the parser takes. */
export class YamlFault extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** What the parser threw. */
export function parserFault(error: unknown): YamlFault {
  if (error instanceof NestingError) return new YamlFault(TOO_DEEP, error.offset);
  // Aliases overflow the stack; nothing else is known to make the parser throw.
  return new YamlFault(error instanceof RangeError ? TOO_DEEP : "the parser failed on it", 0);
}

/**
 * The parser reads the document up to each alias again.
 * @throws YamlFault
 */
export function checkAliases(text: string): void {
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
 * @throws YamlFault
 */
export function checkSize(document: Document): void {
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
