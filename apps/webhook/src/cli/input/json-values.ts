/** Cuts a stream of text into JSON values: one per line, several in a row, or one over many lines. */

export interface JsonText {
  readonly text: string;
  /** Line on which it starts, from 1. */
  readonly line: number;
}

/**
 * The values of a stream, each as soon as it is complete. It looks at brackets and strings alone: what it
 * yields may still be no JSON. What starts with no bracket ends with its line.
 */
export async function* splitJson(chunks: AsyncIterable<string>): AsyncGenerator<JsonText> {
  const scanner = createScanner();
  // Parts of the value at hand, from the chunks before this one.
  let parts: string[] = [];
  let startLine = 0;
  let line = 1;
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const unit = chunk.charCodeAt(at);
      const event = scanner(unit);
      if (event === "start") {
        start = at;
        startLine = line;
      } else if (event === "end") {
        yield { text: parts.join("") + chunk.slice(start, at + 1), line: startLine };
        parts = [];
        startLine = 0;
      }
      if (unit === NEWLINE) line++;
    }
    if (startLine > 0) parts.push(chunk.slice(start));
  }
  if (startLine > 0) yield { text: parts.join(""), line: startLine };
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Takes one UTF-16 unit after the other and says where a value starts and ends. */
function createScanner(): (unit: number) => "start" | "end" | undefined {
  let state: "between" | "value" | "string" | "escape" | "bare" = "between";
  let depth = 0;
  return (unit) => {
    switch (state) {
      case "between":
        if (isBlank(unit)) return undefined;
        state = isOpening(unit) ? "value" : "bare";
        depth = 1;
        return "start";
      case "bare":
        if (unit !== NEWLINE) return undefined;
        state = "between";
        return "end";
      case "string":
        if (unit === QUOTE) state = "value";
        else if (unit === BACKSLASH) state = "escape";
        return undefined;
      case "escape":
        state = "string";
        return undefined;
      case "value":
        if (unit === QUOTE) state = "string";
        else if (isOpening(unit)) depth++;
        else if (isClosing(unit) && --depth === 0) {
          state = "between";
          return "end";
        }
        return undefined;
    }
  };
}

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === NEWLINE || unit === 0x0d || unit === 0x09;
}

function isOpening(unit: number): boolean {
  return unit === 0x7b || unit === 0x5b;
}

function isClosing(unit: number): boolean {
  return unit === 0x7d || unit === 0x5d;
}
