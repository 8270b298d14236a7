/** Where a foreign error was thrown, so that its author finds it: the error's text, which may hold a value, is not told. */

/** End of a frame, as V8, JavaScriptCore and SpiderMonkey write it: file, line and column. */
const FRAME = /(?:^\s+at .*?|@.*?)([^\s()@/\\]+):(\d{1,7}):(\d{1,7})\)?$/;
/** Names that files of code have. */
const FILE_NAME = /^[\w.+-]{1,100}$/;

/** File name, line and column of the innermost frame that is not of Node.js itself, such as `acme.js:12:5`. */
export function thrownPlace(error: unknown): string | undefined {
  try {
    return error instanceof Error ? innermost(error.stack, error.message) : undefined;
  } catch {
    return undefined;
  }
}

function innermost(stack: unknown, message: unknown): string | undefined {
  if (typeof stack !== "string" || typeof message !== "string") return undefined;
  // A text of several lines may look like frames.
  const text = new Set(message.split("\n"));
  for (const line of framesOf(stack, message).split("\n")) {
    const [, file = "", row, column] = FRAME.exec(line) ?? [];
    if (text.has(line) || line.includes("(node:") || !FILE_NAME.test(file)) continue;
    return `${file}:${row}:${column}`;
  }
  return undefined;
}

/** V8 writes the message in front of the frames. */
function framesOf(stack: string, message: string): string {
  const at = message === "" ? -1 : stack.indexOf(message);
  return at === -1 ? stack : stack.slice(at + message.length);
}
