/** What the store answers, and what else may answer in its place. */
import { VALUE, answer, error, secretAnswer, type Row } from "./stage.ts";

export const ANSWERS: readonly Row[] = [
  {
    when: "it is throttled, with a wait longer than the deadline",
    arrange: answer(429, "", { "retry-after": "3000" }),
    kind: "throttled",
    message: /HTTP 429/,
  },
  {
    when: "it is throttled for ever",
    arrange: error(400, "ThrottlingException"),
    kind: "throttled",
    message: /, tried \d+ times: /,
  },
  {
    when: "it has a fault",
    arrange: error(500, "InternalServiceError"),
    kind: "unavailable",
    message: /InternalServiceError, request 1+-/,
  },
  {
    when: "a load balancer has no server",
    arrange: answer(503, "<html>503</html>"),
    kind: "unavailable",
    message: /HTTP 503/,
  },
  { when: "a gateway gets no answer", arrange: answer(504, ""), kind: "unavailable", message: /HTTP 504/ },
  {
    when: "it wants us to go elsewhere",
    arrange: answer(307, "", { location: "http://127.0.0.1:1/" }),
    kind: "invalid-answer",
    message: /what answers is not AWS \(HTTP 307/,
  },
  {
    when: "a web page answers",
    arrange: answer(200, "<html>log in</html>"),
    kind: "invalid-answer",
    message: /no JSON object \(HTTP 200\)/,
  },
  {
    when: "a web page says that there is nothing",
    arrange: answer(404, "<html>404</html>"),
    kind: "invalid-answer",
    message: /what answers is not AWS \(HTTP 404/,
  },
  { when: "a proxy wants a password", arrange: answer(407, ""), kind: "invalid-answer", message: /HTTP 407/ },
  { when: "the answer is empty", arrange: answer(200, ""), kind: "invalid-answer", message: /no JSON object/ },
  { when: "the answer is a list", arrange: answer(200, "[]"), kind: "invalid-answer", message: /no JSON object/ },
  {
    when: "the answer is no UTF-8",
    arrange: answer(200, Uint8Array.of(0x7b, 0xff, 0x7d)),
    kind: "invalid-answer",
    message: /no JSON object/,
  },
  {
    when: "the answer holds no value",
    arrange: secretAnswer({ Name: "db" }),
    kind: "invalid-answer",
    message: /holds no value/,
  },
  {
    when: "the value is no text",
    arrange: secretAnswer({ SecretString: 5 }),
    kind: "invalid-answer",
    message: /holds no value/,
  },
  {
    when: "the binary value is no base64",
    arrange: secretAnswer({ SecretBinary: "?" }),
    kind: "invalid-answer",
    message: /holds no value/,
  },
  {
    when: "it serves another version",
    arrange: (stage) => {
      stage.source = { secretId: "db", versionId: "1".repeat(32) };
      return secretAnswer({ SecretString: VALUE, VersionId: "2".repeat(32) })(stage);
    },
    kind: "invalid-answer",
    message: /another version than 1{32}/,
  },
];
