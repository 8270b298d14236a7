/** The answer of a watch: one JSON object per line, as they come. */

/** Longest line, in characters: an object of the API has at most 1.5 MiB in etcd. */
const MAX_LINE_LENGTH = 8_388_608;

/**
 * Parses the lines of a stream. What follows the last newline when it ends was cut off, and is dropped.
 * @throws SyntaxError for a line that is no JSON, RangeError for one that is too long, and whatever the stream fails with
 */
export async function* jsonLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE_LENGTH) throw new RangeError("a line is too long");
    for (const line of lines) if (line !== "") yield JSON.parse(line) as unknown;
  }
}
