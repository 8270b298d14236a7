/** What AWS may answer that makes no sense, or asks for patience. */
import { VALUE, jsonAnswer, type Row } from "../stage.ts";
import { error } from "./scene.ts";

const PARTIAL = "arn:aws:secretsmanager:us-east-1:123456789012:secret:team/db";
const ARN_OF_DB = `${PARTIAL}-a1B2c3`;

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
    arrange: jsonAnswer(200, { Name: "db", SecretString: 5 }),
    kind: "invalid-answer",
    message: /holds no value/,
  },
  {
    when: "the binary value is no base64",
    arrange: jsonAnswer(200, { Name: "db", SecretBinary: "?" }),
    kind: "invalid-answer",
    message: /holds no value/,
  },
  {
    when: "it serves another version",
    arrange: (stage) => {
      stage.source = { secretId: "db", versionId: "1".repeat(32) };
      return jsonAnswer(200, { Name: "db", SecretString: VALUE, VersionId: "2".repeat(32) })(stage);
    },
    kind: "invalid-answer",
    message: /another version than 1{32}/,
  },
  ...(
    [
      ["a name", "db", { Name: "DB" }],
      ["a name, and the answer has an ARN alone", "db", { ARN: ARN_OF_DB }],
      ["an ARN", ARN_OF_DB, { ARN: `${PARTIAL}-Z9y8X7`, Name: "team/db" }],
      ["an ARN, and the answer has a name alone", ARN_OF_DB, { Name: "team/db" }],
      ["an ARN of another account", ARN_OF_DB.replace("123456789012", "999999999999"), { ARN: ARN_OF_DB }],
      ["an ARN without its end, of a longer name", PARTIAL, { ARN: `${PARTIAL}-old-a1B2c3` }],
      ["an ARN without its end, in another region", PARTIAL, { ARN: ARN_OF_DB.replace("us-east-1", "us-east-2") }],
    ] as const
  ).map(([by, secretId, names]): Row => ({
    when: `it serves another secret than was asked for by ${by}`,
    arrange: (stage) => {
      stage.source = { secretId };
      return jsonAnswer(200, { SecretString: VALUE, ...names })(stage);
    },
    kind: "invalid-answer",
    message:
      /GetSecretValue of ".*db(-a1B2c3)?" in us-east-1: the answer is not of this secret\. Fix: Check what answers at the endpoint/,
  })),
];
