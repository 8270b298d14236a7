/**
 * Requests that two HTTP parsers could read in two ways. Whatever hides behind such a request must never be
 * answered as one of its own.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { A_SECRET, podWith, reviewOf } from "./reviews.ts";
import { REVIEW_PATH, startWebhook, type StartedWebhook } from "./started-webhook.ts";
import { connectTls, countAnswers, httpRequest, receive } from "./tls-client.ts";

let webhook: StartedWebhook;
beforeAll(async () => {
  webhook = await startWebhook();
});
afterAll(() => webhook[Symbol.asyncDispose]());

const BODY = reviewOf(podWith(A_SECRET));
/** What somebody tries to get answered in the name of another. */
const HIDDEN = httpRequest(reviewOf(podWith(A_SECRET), { uid: "hidden" }));
const LINE = `POST ${REVIEW_PATH} HTTP/1.1`;
const HOST = "Host: x";
const JSON_TYPE = "Content-Type: application/json";
const length = (count: number): string => `Content-Length: ${count}`;

function head(...lines: readonly string[]): string {
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** A chunk with a size line as given. */
function chunk(sizeLine: string, data: string): string {
  return `${sizeLine}\r\n${data}\r\n`;
}

const LAST = "0\r\n\r\n";
const CHUNKED = "Transfer-Encoding: chunked";
const hex = BODY.length.toString(16);

/** Answered with 400, and then nothing more. */
const REFUSED: readonly (readonly [string, string])[] = [
  ["length and chunks", head(LINE, HOST, JSON_TYPE, length(BODY.length), CHUNKED) + LAST],
  ["chunks and length", head(LINE, HOST, JSON_TYPE, CHUNKED, length(5)) + LAST],
  ["two lengths that differ", head(LINE, HOST, JSON_TYPE, length(5), length(6)) + BODY],
  ["two lengths that agree", head(LINE, HOST, JSON_TYPE, length(BODY.length), length(BODY.length)) + BODY],
  ["a list of lengths", head(LINE, HOST, JSON_TYPE, "Content-Length: 5, 5") + BODY],
  ["a signed length", head(LINE, HOST, JSON_TYPE, "Content-Length: +5") + BODY],
  ["a negative length", head(LINE, HOST, JSON_TYPE, "Content-Length: -5") + BODY],
  ["a hexadecimal length", head(LINE, HOST, JSON_TYPE, "Content-Length: 0x10") + BODY],
  ["a length with a fraction", head(LINE, HOST, JSON_TYPE, "Content-Length: 5.0") + BODY],
  ["a length that is too long for a number", head(LINE, HOST, JSON_TYPE, `Content-Length: ${"9".repeat(30)}`) + BODY],
  ["an empty length", head(LINE, HOST, JSON_TYPE, "Content-Length:") + BODY],
  ["a length with a space in it", head(LINE, HOST, JSON_TYPE, "Content-Length: 1 0") + BODY],
  ["chunked twice", head(LINE, HOST, JSON_TYPE, CHUNKED, CHUNKED, length(3)) + LAST],
  ["chunked, then something", head(LINE, HOST, JSON_TYPE, "Transfer-Encoding: chunked, identity") + LAST],
  ["an unknown coding", head(LINE, HOST, JSON_TYPE, "Transfer-Encoding: xchunked") + LAST],
  ["identity", head(LINE, HOST, JSON_TYPE, "Transfer-Encoding: identity") + BODY],
  ["a space before the colon", head(LINE, HOST, JSON_TYPE, "Transfer-Encoding : chunked") + LAST],
  ["a vertical tab around chunked", head(LINE, HOST, JSON_TYPE, "Transfer-Encoding: \u000bchunked") + LAST],
  ["a folded header", head(LINE, HOST, JSON_TYPE, "Transfer-Encoding:\r\n chunked", "X: y", length(4)) + LAST],
  ["a header without a name", head(LINE, HOST, ": chunked") + BODY],
  ["a header without a colon", head(LINE, HOST, "Transfer-Encoding chunked") + BODY],
  ["NUL in a header", head(LINE, HOST, JSON_TYPE, "X: a\u0000b", length(0))],
  ["a lone CR in a header", head(LINE, HOST, JSON_TYPE, "X: a\rTransfer-Encoding: chunked", length(0))],
  ["a chunk size that is no number", head(LINE, HOST, JSON_TYPE, CHUNKED) + chunk("zz", BODY) + LAST],
  ["a signed chunk size", head(LINE, HOST, JSON_TYPE, CHUNKED) + chunk(`+${hex}`, BODY) + LAST],
  ["a chunk size with 0x", head(LINE, HOST, JSON_TYPE, CHUNKED) + chunk(`0x${hex}`, BODY) + LAST],
  ["a chunk size beyond 64 bits", head(LINE, HOST, JSON_TYPE, CHUNKED) + chunk(`1${"0".repeat(16)}`, BODY) + LAST],
  ["a chunk that is longer than it says", head(LINE, HOST, JSON_TYPE, CHUNKED) + chunk("2", BODY) + LAST],
  ["a chunk line that ends in LF", `${head(LINE, HOST, JSON_TYPE, CHUNKED)}${hex}\n${BODY}\r\n${LAST}`],
  ["LF in a chunk extension", `${head(LINE, HOST, JSON_TYPE, CHUNKED)}${hex};a=b\nc\r\n${BODY}\r\n${LAST}`],
  ["a space before the chunk size", head(LINE, HOST, JSON_TYPE, CHUNKED) + chunk(` ${hex}`, BODY) + LAST],
  ["no host", head(LINE, JSON_TYPE, length(0))],
  ["an unknown version", head(`POST ${REVIEW_PATH} HTTP/1.2`, HOST, JSON_TYPE, length(0))],
  ["HTTP/2 in the line", head(`POST ${REVIEW_PATH} HTTP/2.0`, HOST, JSON_TYPE, length(0))],
  ["no version", `POST ${REVIEW_PATH}\r\n\r\n`],
  ["a space in the path", head(`POST ${REVIEW_PATH} x HTTP/1.1`, HOST, length(0))],
  ["an unknown method", head(`PSOT ${REVIEW_PATH} HTTP/1.1`, HOST, length(0))],
  ["a method in lower case", head(`post ${REVIEW_PATH} HTTP/1.1`, HOST, length(0))],
  ["a tab in the line", head(`POST\t${REVIEW_PATH}\tHTTP/1.1`, HOST, length(0))],
  [
    "an upgrade to h2c",
    head(
      LINE,
      HOST,
      JSON_TYPE,
      "Connection: Upgrade, HTTP2-Settings",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
      length(BODY.length),
    ) + BODY,
  ],
  [
    "an upgrade to a WebSocket",
    head(
      `GET ${REVIEW_PATH} HTTP/1.1`,
      HOST,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==",
      "Sec-WebSocket-Version: 13",
    ),
  ],
  ["a tunnel", head("CONNECT 127.0.0.1:443 HTTP/1.1", "Host: 127.0.0.1:443")],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
];

describe("what can be read in two ways is refused, and ends the connection", () => {
  test.each(REFUSED)("%s", async (_, bytes) => {
    const socket = await connectTls(webhook.port, webhook.ca);
    socket.write(bytes + HIDDEN, "latin1");
    const { text, closed } = await receive(socket);
    expect(text).not.toContain("hidden");
    expect(countAnswers(text)).toBeLessThanOrEqual(1);
    expect(text).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect(closed).toBe(true);
  });
  test("the collection is not small", () => {
    expect(REFUSED.length).toBeGreaterThanOrEqual(30);
  });
});

/** Unusual, and read by everybody in the same way: the body is what follows, and HIDDEN a request of its own. */
const PLAIN: readonly (readonly [string, string])[] = [
  ["chunks", head(LINE, HOST, JSON_TYPE, CHUNKED) + chunk(hex, BODY) + LAST],
  [
    "chunks with extensions and trailers",
    `${head(LINE, HOST, JSON_TYPE, CHUNKED)}${chunk(`${hex};a=b`, BODY)}0\r\nX: y\r\n\r\n`,
  ],
  ["a length of many digits", head(LINE, HOST, JSON_TYPE, `Content-Length: 000${BODY.length}`) + BODY],
];

describe("what can be read in one way only is answered, and so is what follows", () => {
  test.each(PLAIN)("%s", async (_, bytes) => {
    const socket = await connectTls(webhook.port, webhook.ca);
    socket.write(bytes + HIDDEN, "latin1");
    const { text } = await receive(socket, (received) => received.includes("hidden"));
    expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
  });
});

/** "100 Continue" is none. */
const isAnswered = (text: string): boolean => countAnswers(text) > 0;

test("Expect: 100-continue is answered before the body is sent, and not at all where the body is not wanted", async () => {
  const asks = (path: string, bytes: number): string =>
    head(`POST ${path} HTTP/1.1`, HOST, JSON_TYPE, length(bytes), "Expect: 100-continue");
  const socket = await connectTls(webhook.port, webhook.ca);
  socket.write(asks(REVIEW_PATH, BODY.length));
  socket.once("data", () => socket.write(BODY));
  expect((await receive(socket, isAnswered)).text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);

  const wrong = await connectTls(webhook.port, webhook.ca);
  wrong.write(asks("/elsewhere", BODY.length));
  expect((await receive(wrong, isAnswered)).text).toMatch(/^HTTP\/1\.1 404 /);

  const large = await connectTls(webhook.port, webhook.ca);
  large.write(asks(REVIEW_PATH, 1e9));
  expect((await receive(large, isAnswered)).text).toMatch(/^HTTP\/1\.1 413 /);
});

test("any other expectation is refused", async () => {
  const socket = await connectTls(webhook.port, webhook.ca);
  socket.write(head(LINE, HOST, JSON_TYPE, length(BODY.length), "Expect: 200-ok") + BODY);
  expect((await receive(socket, isAnswered)).text).toMatch(/^HTTP\/1\.1 417 /);
});

test("more headers than 8 KiB get 431", async () => {
  const socket = await connectTls(webhook.port, webhook.ca);
  socket.write(head(LINE, HOST, `X: ${"x".repeat(9000)}`, length(0)));
  const { text, closed } = await receive(socket);
  expect(text).toMatch(/^HTTP\/1\.1 431 /);
  expect(closed).toBe(true);
});
