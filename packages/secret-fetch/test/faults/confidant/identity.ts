/** Who the pod is, for Confidant and for the KMS that makes its token. */
import { sendError } from "../../rig/aws-server.ts";
import { PASSWORD_FILE } from "../../providers/confidant/rig.ts";
import { serveFaulty, type Fault } from "../../rig/faulty-server.ts";
import { STATIC_ENV } from "../aws/scene.ts";
import { answer, jsonAnswer, type Row, type Stage } from "../stage.ts";

export const IDENTITY: readonly Row[] = [
  {
    when: "the login is refused",
    arrange: answer(403, "<h1>Forbidden</h1>"),
    kind: "unauthenticated",
    message: /Confidant refuses the login \(HTTP 403\)/,
  },
  {
    when: "the login is refused, and the clocks differ",
    arrange: (stage) => {
      stage.now = () => Date.now() - 7_200_000;
      return answer(403, "<h1>Forbidden</h1>")(stage);
    },
    kind: "unauthenticated",
    message: /its clock is 120 minutes from the node's/,
  },
  {
    when: "the service is another's",
    arrange: jsonAnswer(403, { error: "orders does not have access" }),
    kind: "denied",
    message: /refuses it to this identity \(HTTP 403\)/,
  },
  {
    when: "the password's file is not mounted",
    arrange: (stage) => void (stage.files = {}),
    kind: "unauthenticated",
    message: /the password for Confidant cannot be had: there is no file/,
  },
  {
    when: "the password's file is empty",
    arrange: (stage) => void (stage.files = { [PASSWORD_FILE]: "\n" }),
    kind: "unauthenticated",
    message: /is empty/,
  },
  {
    when: "the container has no identity for KMS",
    arrange: async (stage) => {
      await withKms(stage, () => {});
      stage.env = {};
    },
    kind: "unauthenticated",
    message: /has no AWS identity/,
  },
  {
    when: "the role may not use the key",
    arrange: (stage) => withKms(stage, (response) => sendError(response, 400, "AccessDeniedException")),
    kind: "denied",
    message: /Encrypt with the KMS key "alias\/authnz": AWS refuses it/,
  },
  {
    when: "there is no such key",
    arrange: (stage) => withKms(stage, (response) => sendError(response, 400, "NotFoundException")),
    kind: "unauthenticated",
    message: /AWS KMS has no such key/,
  },
  {
    when: "the key is switched off",
    arrange: (stage) => withKms(stage, (response) => sendError(response, 400, "DisabledException")),
    kind: "unauthenticated",
    message: /the KMS key is disabled/,
  },
  {
    when: "KMS has a fault",
    arrange: (stage) => withKms(stage, (response) => sendError(response, 500, "KMSInternalException")),
    kind: "unavailable",
    message: /KMSInternalException/,
  },
  {
    when: "KMS answers nonsense",
    arrange: (stage) => withKms(stage, (response) => void response.end("{}")),
    kind: "invalid-answer",
    message: /holds no ciphertext/,
  },
];

/** The login is a token of kmsauth, and KMS answers everything so. */
async function withKms(stage: Stage, fault: Fault): Promise<void> {
  const kms = await serveFaulty((_request, response) => fault(response));
  const endpoints = { kms: kms.url.href };
  stage.env = { ...STATIC_ENV, AWS_REGION: "us-east-1" };
  const auth = { method: "kmsauth", key: "alias/authnz", to: "confidant-production", endpoints };
  stage.settings = { ...stage.settings, auth };
}
