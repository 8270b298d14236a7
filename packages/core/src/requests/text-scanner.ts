/**
 * Tokens of the protobuf text format, with the places and the error texts of `github.com/golang/protobuf` v1.5.4.
 */
import { printable, shortened } from "../printable.ts";
import { utf8Text } from "./byte-text.ts";
import { unescape } from "./string-literal.ts";

/** Where the reader is. Texts in it are byte texts. */
export interface TextScanner {
  readonly text: string;
  readonly onError: (cause: string) => Error;
  /** The current token as it stands in the text; strings that follow each other are one. Empty at the end. */
  token: string;
  /** Content of a string; `undefined` for other tokens. */
  content: string | undefined;
  ended: boolean;
  /** Place of the current token, and of the last one at the end. */
  tokenAt: number;
  tokenLine: number;
  /** First byte that is not read yet, and its line. */
  at: number;
  line: number;
}

/** Starts to read: the first token is the current one. */
export function scan(text: string, onError: (cause: string) => Error): TextScanner {
  const scanner: TextScanner = {
    text,
    onError,
    token: "",
    content: undefined,
    ended: false,
    tokenAt: 0,
    tokenLine: 1,
    at: 0,
    line: 1,
  };
  advance(scanner);
  return scanner;
}

/** Ends with an error at the current token. The offset stands in the first line only, as in Flyte's texts. */
export function fail({ onError, tokenAt, tokenLine }: TextScanner, cause: string): never {
  throw onError(tokenLine === 1 ? `line 1.${tokenAt}: ${cause}` : `line ${tokenLine}: ${cause}`);
}

/** A token for a message, cut where it is long. */
export function excerpt(token: string): string {
  return printable(shortened(utf8Text(token), 63));
}

/** Goes to the next token, or sets `ended`. */
export function advance(scanner: TextScanner): void {
  skipBlanks(scanner);
  scanner.content = undefined;
  if (scanner.at >= scanner.text.length) {
    scanner.ended = true;
    scanner.token = "";
    return;
  }
  scanner.tokenAt = scanner.at;
  scanner.tokenLine = scanner.line;
  const unit = scanner.text.charCodeAt(scanner.at);
  if (isQuote(unit)) readStrings(scanner);
  else if (isSymbol(unit)) scanner.token = scanner.text.charAt(scanner.at++);
  else readWord(scanner);
}

/** Where a unit of ASCII is 1, it is one of the signs that are a token each. */
const SYMBOLS = tableOf(":;,<>{}[]/");
/** Letters, digits, and the signs of names and numbers. */
const WORD_UNITS = tableOf("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+.");
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const HASH = 0x23;
const SINGLE_QUOTE = 0x27;
const BACKSLASH = 0x5c;

/** White space, and comments up to the end of their line. */
function skipBlanks(scanner: TextScanner): void {
  const { text } = scanner;
  for (; scanner.at < text.length; scanner.at++) {
    const unit = text.charCodeAt(scanner.at);
    if (unit === LINE_FEED) scanner.line++;
    else if (unit === HASH) scanner.at = lineEnd(text, scanner.at) - 1;
    else if (unit !== SPACE && unit !== TAB && unit !== CARRIAGE_RETURN) return;
  }
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}

function readWord(scanner: TextScanner): void {
  const { text, at } = scanner;
  let end = at;
  while (end < text.length && isWordUnit(text.charCodeAt(end))) end++;
  if (end === at) fail(scanner, `unexpected byte 0x${text.charCodeAt(at).toString(16)}`);
  scanner.token = text.slice(at, end);
  scanner.at = end;
}

/** Strings that follow each other are one token, at the place of the first. */
function readStrings(scanner: TextScanner): void {
  const { tokenAt, tokenLine } = scanner;
  let token = "";
  let content = "";
  do {
    scanner.tokenAt = scanner.at;
    scanner.tokenLine = scanner.line;
    const literal = readLiteral(scanner);
    content += unescape(literal.slice(1, -1), (cause) =>
      fail(scanner, `invalid quoted string ${excerpt(literal)}: ${cause}`),
    );
    token += token === "" ? literal : ` ${literal}`;
    skipBlanks(scanner);
  } while (scanner.at < scanner.text.length && isQuote(scanner.text.charCodeAt(scanner.at)));
  scanner.token = token;
  scanner.content = content;
  scanner.tokenAt = tokenAt;
  scanner.tokenLine = tokenLine;
}

/** One string with its quotes. */
function readLiteral(scanner: TextScanner): string {
  const { text, at } = scanner;
  const quote = text.charCodeAt(at);
  let end = at + 1;
  while (end < text.length && text.charCodeAt(end) !== quote && text.charCodeAt(end) !== LINE_FEED)
    end += text.charCodeAt(end) === BACKSLASH ? 2 : 1;
  if (end >= text.length || text.charCodeAt(end) !== quote) fail(scanner, "unmatched quote");
  scanner.at = end + 1;
  return text.slice(at, end + 1);
}

function isQuote(unit: number): boolean {
  return unit === DOUBLE_QUOTE || unit === SINGLE_QUOTE;
}

function isSymbol(unit: number): boolean {
  return SYMBOLS[unit] === 1;
}

function isWordUnit(unit: number): boolean {
  return WORD_UNITS[unit] === 1;
}

function tableOf(characters: string): Uint8Array {
  // Byte texts have no unit beyond it.
  const table = new Uint8Array(256);
  for (let index = 0; index < characters.length; index++) table[characters.charCodeAt(index)] = 1;
  return table;
}
