/** Who the pod is. */
import { onTestFinished } from "vitest";

import { serveLoopback, type Answer } from "../../rig/loopback-server.ts";
import { answer, type Row, type Stage } from "../stage.ts";
import { ROLE, STATIC_ENV, error } from "./scene.ts";

const WEB_ENV = { AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: "/token" };

export const IDENTITY: readonly Row[] = [
  {
    when: "the container has no identity",
    arrange: (stage) => void (stage.env = {}),
    kind: "unauthenticated",
    message: /has no AWS identity/,
  },
  {
    when: "the access key is unknown",
    arrange: (stage) => void (stage.env = { ...STATIC_ENV, AWS_ACCESS_KEY_ID: "AKIDGONE" }),
    kind: "unauthenticated",
    message: /does not know the container's credentials \(UnrecognizedClientException/,
  },
  {
    when: "the secret key is wrong",
    arrange: (stage) => void (stage.env = { ...STATIC_ENV, AWS_SECRET_ACCESS_KEY: "wrong" }),
    kind: "unauthenticated",
    message: /refuses the signature of the call \(InvalidSignatureException/,
  },
  {
    when: "the credentials have expired",
    arrange: error(400, "ExpiredTokenException"),
    kind: "unauthenticated",
    message: /have expired/,
  },
  {
    when: "node and server disagree about the time, and cannot agree",
    arrange: (stage) => {
      stage.now = () => Date.now() - 7_200_000;
      return error(400, "InvalidSignatureException")(stage);
    },
    kind: "unauthenticated",
    message: /refuses the signature of the call .*, and its clock is 120 minutes from the node's/,
  },
  {
    when: "the token of the service account is not mounted",
    arrange: (stage) => void (stage.env = WEB_ENV),
    kind: "unauthenticated",
    message: /token of the pod's identity cannot be had: there is no file "\/token"/,
  },
  {
    when: "the token of the service account has expired",
    arrange: (stage) => {
      stage.env = WEB_ENV;
      stage.files = { "/token": "expired" };
    },
    kind: "unauthenticated",
    message:
      /AssumeRoleWithWebIdentity of "arn:aws:iam::123456789012:role\/reader": the container's AWS credentials have expired/,
  },
  {
    when: "the role does not trust the service account",
    arrange: (stage) => {
      stage.env = WEB_ENV;
      stage.files = { "/token": "t" };
      return answer(403, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>")(stage);
    },
    kind: "denied",
    message: /AssumeRoleWithWebIdentity .* AWS refuses it \(AccessDenied/,
  },
  {
    when: "STS has a fault",
    arrange: (stage) => {
      stage.env = WEB_ENV;
      stage.files = { "/token": "t" };
      return answer(503, "")(stage);
    },
    kind: "unavailable",
    message: /AssumeRoleWithWebIdentity .*HTTP 503/,
  },
  {
    when: "STS says that there is nothing",
    arrange: (stage) => {
      stage.env = WEB_ENV;
      stage.files = { "/token": "t" };
      return error(400, "ResourceNotFoundException")(stage);
    },
    kind: "unauthenticated",
    message: /AssumeRoleWithWebIdentity .*ResourceNotFoundException/,
  },
  {
    when: "a web page answers for STS",
    arrange: (stage) => {
      stage.env = WEB_ENV;
      stage.files = { "/token": "t" };
      return answer(200, "<html></html>")(stage);
    },
    kind: "invalid-answer",
    message: /the answer holds no credentials/,
  },
  {
    when: "the Pod Identity agent knows nothing of the pod",
    arrange: (stage) => replaceAgent(stage, (_request, response) => void response.writeHead(404).end()),
    kind: "unauthenticated",
    message: /Pod Identity agent gives no credentials \(HTTP 404\)/,
  },
  {
    when: "the Pod Identity agent has a fault",
    arrange: (stage) => replaceAgent(stage, (_request, response) => void response.writeHead(500).end()),
    kind: "unavailable",
    message: /Pod Identity agent gives no credentials \(HTTP 500\)/,
  },
  {
    when: "the Pod Identity agent answers nonsense",
    arrange: (stage) => replaceAgent(stage, (_request, response) => void response.end("{}")),
    kind: "invalid-answer",
    message: /holds no credentials/,
  },
];

async function replaceAgent(stage: Stage, agentAnswer: Answer): Promise<void> {
  const agent = await serveLoopback(agentAnswer);
  onTestFinished(() => agent.close());
  stage.env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: agent.url.href };
}
