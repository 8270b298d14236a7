/** Bytes of a file or of standard input as text, piece by piece. */

/**
 * The text of a stream, without a byte order mark.
 * @throws TypeError `ERR_ENCODING_INVALID_ENCODED_DATA` for bytes that are no UTF-8
 */
export async function* decodeUtf8(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const chunk of stream) {
    const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    if (text !== "") yield text;
  }
  yield decoder.decode();
}

/** The start of a text, as far as the first character that is not blank, and the text from its start. */
export async function peek(chunks: AsyncGenerator<string>): Promise<readonly [string, AsyncIterable<string>]> {
  let head = "";
  // By hand: `for await` would close the stream when it is left.
  // oxlint-disable-next-line no-await-in-loop -- the next piece is there when it is there
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    head += next.value;
    if (head.trim() !== "") break;
  }
  return [head, joined(head, chunks)];
}

async function* joined(head: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield head;
  yield* rest;
}
