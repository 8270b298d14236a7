/** How deep YAML, and the data made of it, may be nested: functions that call themselves walk both. */
import { Lexer, Parser, type CST } from "yaml";

/** Deeper than any Kubernetes object or config, and not too deep for the stack. */
const MAX_DEPTH = 200;

/** What is said of what is deeper. */
export const TOO_DEEP = `it is nested deeper than ${MAX_DEPTH} levels`;

/** Where YAML gets too deep. */
export class NestingError extends RangeError {
  /** In the text, in UTF-16 code units. */
  readonly offset: number;

  constructor(offset: number) {
    super(TOO_DEEP);
    this.offset = offset;
  }
}

/**
 * The first half of a YAML parser, which does not call itself. The second half does: it must not see what is too
 * deep, as it reports an overflow of the stack as whatever the engine was doing at that moment.
 * @param onNewLine told the offset of each line's start
 * @throws NestingError
 */
export function* shallowTokens(text: string, onNewLine: (offset: number) => void): Generator<CST.Token> {
  onNewLine(0);
  const parser = new Parser(onNewLine);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    // The stack holds the document, its open collections, and perhaps a scalar.
    const beyond = parser.stack[MAX_DEPTH + 1];
    if (beyond !== undefined && "items" in beyond) throw new NestingError(beyond.offset);
  }
  yield* parser.end();
}

/** Whether data is too deep: aliases make it deeper than its text. */
export function isTooDeep(value: unknown, depth: number = MAX_DEPTH): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((entry) => isTooDeep(entry, depth - 1));
}
