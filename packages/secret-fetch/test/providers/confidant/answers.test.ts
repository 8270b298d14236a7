/** What is not the service's document fails closed, says what it may be, and shows nothing of it. */
import { expect, test } from "vitest";

import type { FailureKind } from "../../../src/failure.ts";
import { basicProvider, documentWith, fetchFrom, serve, signal } from "./rig.ts";

const DB = { credential: "db", key: "password" };
const HTML = { "content-type": "text/html" };
const JSON_TYPE = { "content-type": "application/json" };
const PAGE = "<h1>hush</h1>";
const ERROR = `{"error":"hush"}`;
const long = `{"id":"orders","padding":"${"x".repeat(4_194_304)}"}`;

const NOT_CONFIDANT = /^service "orders" of "127\.0\.0\.1:\d+": what answers is not Confidant \(HTTP \d+\)$/;
const NO_DOCUMENT = /: the answer is no document of that service$/;

test.each<[string, number, object, string, FailureKind, RegExp]>([
  ["a page of a proxy", 200, HTML, PAGE, "invalid-answer", NO_DOCUMENT],
  ["nothing", 200, {}, "", "invalid-answer", NO_DOCUMENT],
  ["no content", 204, {}, "", "invalid-answer", NOT_CONFIDANT],
  ["half of a document", 200, JSON_TYPE, documentWith(`{"password":"hush"`), "invalid-answer", NO_DOCUMENT],
  ["a list", 200, JSON_TYPE, `["hush"]`, "invalid-answer", NO_DOCUMENT],
  ["a document without a name", 200, JSON_TYPE, `{"credentials":[]}`, "invalid-answer", NO_DOCUMENT],
  [
    "the document of another service",
    200,
    JSON_TYPE,
    `{"id":"billing","enabled":true,"credentials":[]}`,
    "invalid-answer",
    NO_DOCUMENT,
  ],
  ["a document without credentials", 200, JSON_TYPE, `{"id":"orders","enabled":true}`, "invalid-answer", NO_DOCUMENT],
  [
    "a credential without pairs",
    200,
    JSON_TYPE,
    `{"id":"orders","enabled":true,"credentials":[{"name":"db","enabled":true,"revision":1}]}`,
    "invalid-answer",
    NO_DOCUMENT,
  ],
  [
    "a revision that is no number",
    200,
    JSON_TYPE,
    documentWith(`{}`, `,"revision":"1"`),
    "invalid-answer",
    NO_DOCUMENT,
  ],
  ["pairs that are a number", 200, JSON_TYPE, documentWith("5"), "invalid-answer", NO_DOCUMENT],
  ["a document without end", 200, JSON_TYPE, long, "invalid-answer", /has more than 4194304 bytes$/],
  ["a way to elsewhere", 302, { location: "http://127.0.0.1:9/" }, "", "invalid-answer", NOT_CONFIDANT],
  ["a way to elsewhere for ever", 308, { location: "http://127.0.0.1:9/" }, "", "invalid-answer", NOT_CONFIDANT],
  ["that it cannot read the request", 400, HTML, PAGE, "invalid-answer", NOT_CONFIDANT],
  ["that there is no such page", 404, HTML, PAGE, "invalid-answer", NOT_CONFIDANT],
  ["that there is no such service", 404, JSON_TYPE, "{}", "not-found", /: there is no such service$/],
  ["that nobody is logged in", 401, HTML, PAGE, "unauthenticated", /: Confidant refuses the login \(HTTP 401\)$/],
  ["that the token is not valid", 403, HTML, PAGE, "unauthenticated", /: Confidant refuses the login \(HTTP 403\)$/],
  ["that the account is another", 401, JSON_TYPE, ERROR, "denied", /refuses it to this identity \(HTTP 401\)$/],
  ["that the service is another's", 403, JSON_TYPE, ERROR, "denied", /refuses it to this identity \(HTTP 403\)$/],
  ["that it has had enough", 429, HTML, PAGE, "throttled", /: too many calls \(HTTP 429\)$/],
  ["a fault in JSON", 500, JSON_TYPE, ERROR, "unavailable", /: Confidant has a fault of its own \(HTTP 500\)$/],
  ["a fault of what is before it", 502, HTML, PAGE, "unavailable", /has a fault of its own \(HTTP 502\)$/],
])("%s", async (_what, status, headers, body, kind, message) => {
  const fetch = await fetchFrom(body, status, headers);
  const fetched = fetch(DB);
  await expect(fetched).rejects.toMatchObject({ kind, message: expect.stringMatching(message) });
  await expect(fetched).rejects.not.toThrow("hush");
});

test.each([429, 503])("HTTP %i says when to come again", async (status) => {
  const fetch = await fetchFrom(PAGE, status, { "retry-after": "7" });
  await expect(fetch(DB)).rejects.toMatchObject({ retryAfter: 7000 });
});

test("text that is no UTF-8 is no document", async () => {
  const [before = "", after = ""] = documentWith(`{"password":"?"}`).split("?");
  const fetch = await fetchFrom(Buffer.concat([Buffer.from(before), Buffer.of(0xff), Buffer.from(after)]));
  await expect(fetch(DB)).rejects.toMatchObject({ kind: "invalid-answer" });
});

test("a connection that breaks in the middle may be tried again", async () => {
  const server = await serve((_request, response) => {
    response.writeHead(200, { "content-length": 1000 });
    response.write(documentWith(`{"password":"x"}`), () => response.destroy());
  });
  const fetched = basicProvider(server.url.href).fetch(DB, signal);
  await expect(fetched).rejects.toMatchObject({ kind: "unavailable" });
});
