/** Cuts a stream of YAML into documents at the lines that start with `---`, as Kubernetes does. */

export interface YamlText {
  readonly text: string;
  /** Line on which it starts, from 1. */
  readonly line: number;
}

/**
 * The documents of a stream, each as soon as the next one starts. In YAML no text, quoted or not, may hold
 * such a line, so it always ends the document. Directives stay with the document that they are for.
 */
export async function* splitYaml(chunks: AsyncIterable<string>): AsyncGenerator<YamlText> {
  let text = "";
  let line = 1;
  let start = 1;
  for await (const row of readLines(chunks)) {
    if (/^---(\s|$)/.test(row) && !ONLY_DIRECTIVES.test(text)) {
      yield { text, line: start };
      text = "";
      start = line;
    }
    text += row;
    line++;
  }
  if (text !== "") yield { text, line: start };
}

// One way to match each line: with `\s`, which takes line ends as well, blank lines would double the time each.
const ONLY_DIRECTIVES = /^(?:[ \t\r]*(?:[#%].*)?\n)*$/;

/** Lines with their line end. */
async function* readLines(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let parts: string[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf("\n"); end !== -1; end = chunk.indexOf("\n", start)) {
      parts.push(chunk.slice(start, end + 1));
      yield parts.length === 1 ? (parts[0] ?? "") : parts.join("");
      parts = [];
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.slice(start));
  }
  if (parts.length > 0) yield parts.join("");
}
