/**
 * Where a value stands in JSON that was parsed already, and so is known to be right. ECMAScript's own way to the source
 * of a number, a reviver, is called for every value there is: of some megabytes of numbers it makes ten seconds.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Names of members and numbers of elements, from the outermost value to the wanted one. */
export type JsonPath = readonly (string | number)[];

/** @returns the text of the value at the path, as it is written; undefined when there is none */
export function sourceAt(text: string, path: JsonPath): string | undefined {
  let start = skipSpace(text, 0);
  for (const step of path) {
    const found = typeof step === "number" ? elementAt(text, start, step) : memberOf(text, start, step);
    if (found === undefined) return undefined;
    start = found;
  }
  return text.slice(start, endOfValue(text, start));
}

function elementAt(text: string, list: number, index: number): number | undefined {
  if (text[list] !== "[") return undefined;
  let at = skipSpace(text, list + 1);
  for (let passed = 0; text[at] !== "]"; passed++) {
    if (passed === index) return at;
    at = skipSpace(text, endOfValue(text, at));
  }
  return undefined;
}

/** Of several members of one name the last counts, as for `JSON.parse`. */
function memberOf(text: string, object: number, name: string): number | undefined {
  if (text[object] !== "{") return undefined;
  let found: number | undefined;
  let at = skipSpace(text, object + 1);
  while (text[at] !== "}") {
    const endOfName = endOfString(text, at);
    const value = skipSpace(text, endOfName);
    if (JSON.parse(text.slice(at, endOfName)) === name) found = value;
    at = skipSpace(text, endOfValue(text, value));
  }
  return found;
}

function endOfValue(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const code = text.charCodeAt(at);
    if (isOpening(code)) depth++;
    if (isClosing(code)) depth--;
    at = endOfToken(text, at);
    if (depth > 0) at = skipSpace(text, at);
  } while (depth > 0);
  return at;
}

/** Of a string, a number, a word or one bracket. */
function endOfToken(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return endOfString(text, start);
  let at = start + 1;
  if (isOpening(first) || isClosing(first)) return at;
  for (let code = text.charCodeAt(at); isOfWord(code); code = text.charCodeAt(at)) at++;
  return at;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (let code = text.charCodeAt(at); code !== QUOTE; code = text.charCodeAt(at)) at += code === BACKSLASH ? 2 : 1;
  return at + 1;
}

/** Over space, and over what parts values. */
function skipSpace(text: string, start: number): number {
  let at = start;
  while (isBetween(text.charCodeAt(at))) at++;
  return at;
}

/** Space, comma and colon. */
function isBetween(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09 || code === 0x2c || code === 0x3a;
}

/** `[` and `{`. */
function isOpening(code: number): boolean {
  return code === 0x5b || code === 0x7b;
}

/** `]` and `}`. */
function isClosing(code: number): boolean {
  return code === 0x5d || code === 0x7d;
}

/** Whether a number, true, false or null goes on: not at the end of the text, which is NaN. */
function isOfWord(code: number): boolean {
  return !Number.isNaN(code) && !isBetween(code) && !isClosing(code);
}
