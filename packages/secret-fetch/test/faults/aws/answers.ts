/** What AWS may answer that makes no sense, or asks for patience. */
import { VALUE, jsonAnswer, type Row } from "../stage.ts";
import { error } from "./scene.ts";

export const ANSWERS: readonly Row[] = [
  {
    when: "it is throttled for ever, by a name",
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
    when: "the answer holds no value",
    arrange: jsonAnswer(200, { Name: "db" }),
    kind: "invalid-answer",
    message: /holds no value/,
  },
  {
    when: "the value is no text",
    arrange: jsonAnswer(200, { SecretString: 5 }),
    kind: "invalid-answer",
    message: /holds no value/,
  },
  {
    when: "the binary value is no base64",
    arrange: jsonAnswer(200, { SecretBinary: "?" }),
    kind: "invalid-answer",
    message: /holds no value/,
  },
  {
    when: "it serves another version",
    arrange: (stage) => {
      stage.source = { secretId: "db", versionId: "1".repeat(32) };
      return jsonAnswer(200, { SecretString: VALUE, VersionId: "2".repeat(32) })(stage);
    },
    kind: "invalid-answer",
    message: /another version than 1{32}/,
  },
];
