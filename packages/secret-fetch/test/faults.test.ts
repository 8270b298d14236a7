/**
 * What can go wrong between the program and a secret. Whatever it is: the pod does not start, nothing is written, and
 * one line says what and how to mend it, without the value.
 */
import { createServer } from "node:net";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ServerResponse } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";

import { FAILURES, type FailureKind } from "../src/failure.ts";
import { builtInProviders } from "../src/providers/built-in.ts";
import type { FetchItem, FetchRequest } from "../src/request.ts";
import { runRound } from "../src/run/round.ts";
import { STATIC, sendError, serveAws, type AwsServer, type Fault } from "./rig/aws-server.ts";
import { selfSigned } from "./rig/certificate.ts";
import { testHost } from "./rig/host.ts";
import { listen, serveLoopback, type Answer } from "./rig/loopback-server.ts";
import { prepared, testRound, type TestRound } from "./rig/round.ts";
import { contentOf, temporaryFolder } from "./rig/volume.ts";

const VALUE = "correct horse battery staple";
const OTHER = "another value of the same pod";
const ROLE = "arn:aws:iam::123456789012:role/reader";
const STATIC_ENV = { AWS_ACCESS_KEY_ID: STATIC.accessKeyId, AWS_SECRET_ACCESS_KEY: STATIC.secretAccessKey };
const WEB_ENV = { AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: "/token" };

/** What a row may change before the round begins. */
interface Stage {
  readonly aws: AwsServer;
  readonly volume: string;
  /** Lets the time limit of the calls that are open now pass. */
  readonly expire: () => void;
  readonly stop: () => void;
  env: Readonly<Record<string, string>>;
  files: Readonly<Record<string, string>>;
  now: () => number;
  settings: Readonly<Record<string, unknown>>;
  source: Readonly<Record<string, unknown>>;
  item: Partial<FetchItem>;
  request: Partial<FetchRequest>;
}

interface Row {
  readonly when: string;
  readonly arrange: (stage: Stage) => void | Promise<void>;
  readonly kind: FailureKind;
  readonly message: RegExp;
}

/** Every call gets this answer. */
const always =
  (fault: Fault) =>
  ({ aws }: Stage): void => {
    aws.faults.push(...Array.from({ length: 100 }, () => fault));
  };
const error = (status: number, name: string, message?: string): Row["arrange"] =>
  always((response) => sendError(response, status, name, message));
const answer = (status: number, body: string | Uint8Array, headers: Record<string, string> = {}): Row["arrange"] =>
  always((response) => response.writeHead(status, headers).end(body));
const secretAnswer = (fields: object): Row["arrange"] => answer(200, JSON.stringify(fields));

/** Another server in the place of AWS. */
async function replaceAws(stage: Stage, url: URL | string, settings: object = {}): Promise<void> {
  stage.settings = { endpoints: { secretsmanager: url.toString() }, ...settings };
}

async function replaceByTls(
  stage: Stage,
  facts: Parameters<typeof selfSigned>[0],
  settings: object = {},
): Promise<void> {
  const server = await serveLoopback((_request, response) => void response.end(), await selfSigned(facts));
  onTestFinished(() => server.close());
  await replaceAws(stage, server.url, settings);
}

/** A server of plain TCP that says something to whoever comes, and closes. */
async function replaceByTcp(stage: Stage, hello: string): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    if (hello === "") socket.destroy();
    else socket.end(hello);
  });
  const port = await listen(server);
  onTestFinished(() => void server.close());
  await replaceAws(stage, `http://127.0.0.1:${port}`);
}

const expiredCall =
  (fault: (response: ServerResponse) => void): Row["arrange"] =>
  (stage) =>
    always((response) => {
      fault(response);
      stage.expire();
    })(stage);

const NETWORK: readonly Row[] = [
  {
    when: "nobody listens",
    arrange: (stage) => replaceAws(stage, "http://127.0.0.1:1"),
    kind: "unavailable",
    message: /connection to "127\.0\.0\.1:1" cannot be made or broke \(ECONNREFUSED\)/,
  },
  {
    // Longer than a label of DNS can be: the resolver refuses it without asking anybody.
    when: "the name cannot be resolved",
    arrange: (stage) => replaceAws(stage, `https://${"x".repeat(64)}.example.com`),
    kind: "unavailable",
    message: /the name of "x+\.example\.com" cannot be resolved \((ENOTFOUND|EAI_\w+)\)/,
  },
  {
    when: "the connection is closed at once",
    arrange: (stage) => replaceByTcp(stage, ""),
    kind: "unavailable",
    message: /cannot be made or broke \(ECONNRESET\)/,
  },
  {
    when: "the connection breaks before the answer",
    arrange: always((response) => response.destroy()),
    kind: "unavailable",
    message: /broke \(ECONNRESET\)/,
  },
  {
    when: "the answer is cut off",
    arrange: always((response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write(`{"SecretString":"${VALUE}"`, () => response.destroy());
    }),
    kind: "unavailable",
    message: /broke \(ECONNRESET\)/,
  },
  {
    when: "an answer of unknown length is cut off",
    arrange: always((response) => {
      response.writeHead(200);
      response.write(`{"SecretString":"${VALUE}"}`, () => response.destroy());
    }),
    kind: "unavailable",
    message: /broke \(ECONNRESET\)/,
  },
  { when: "it never answers", arrange: expiredCall(() => {}), kind: "timeout", message: /in time/ },
  {
    when: "it stops in the middle of an answer",
    arrange: expiredCall((response) => void response.writeHead(200, { "content-length": "1000" }).write("{")),
    kind: "timeout",
    message: /in time/,
  },
  {
    when: "the answer has no end",
    arrange: answer(200, "x".repeat(1_100_000)),
    kind: "invalid-answer",
    message: /has more than 1048576 bytes/,
  },
  {
    when: "something else than HTTP answers",
    arrange: (stage) => replaceByTcp(stage, "SSH-2.0-OpenSSH_9.6\r\n"),
    kind: "invalid-answer",
    message: /speaks no HTTP \(HPE_\w+\)/,
  },
];

const TLS: readonly Row[] = [
  {
    when: "the server speaks no TLS",
    arrange: (stage) => replaceAws(stage, stage.aws.url.href.replace("http:", "https:")),
    kind: "untrusted",
    message: /cannot be talked to by TLS \((ERR_SSL_\w+|EPROTO)\)/,
  },
  {
    when: "the server speaks TLS only",
    arrange: async (stage) => {
      await replaceByTls(stage, {});
      const { secretsmanager } = stage.settings["endpoints"] as { secretsmanager: string };
      await replaceAws(stage, secretsmanager.replace("https:", "http:"));
    },
    kind: "unavailable",
    message: /broke \(ECONNRESET\)/,
  },
  {
    when: "the certificate is signed by an unknown authority",
    arrange: (stage) => replaceByTls(stage, {}),
    kind: "untrusted",
    message: /certificate of "127\.0\.0\.1:\d+" is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
  },
  {
    when: "the certificate is for another name",
    arrange: (stage) => tlsTrusted(stage, { address: "127.0.0.2" }),
    kind: "untrusted",
    message: /is not trusted \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
  },
  {
    when: "the certificate has expired",
    arrange: (stage) => tlsTrusted(stage, { days: -1 }),
    kind: "untrusted",
    message: /is not trusted \(CERT_HAS_EXPIRED\)/,
  },
  {
    when: "the file of the authority is not there",
    arrange: (stage) => replaceByTls(stage, {}, { caFile: "/nonexistent/ca.crt" }),
    kind: "wrong-request",
    message: /caFile cannot be used: there is no file "\/nonexistent\/ca\.crt"/,
  },
  {
    when: "the file of the authority holds none",
    arrange: async (stage) => {
      const caFile = join(temporaryFolder(), "ca.crt");
      writeFileSync(caFile, "no certificate");
      await replaceByTls(stage, {}, { caFile });
    },
    kind: "untrusted",
    message: /is not trusted|cannot be talked to by TLS/,
  },
];

async function tlsTrusted(stage: Stage, facts: Parameters<typeof selfSigned>[0]): Promise<void> {
  const identity = await selfSigned(facts);
  const caFile = join(temporaryFolder(), "ca.crt");
  writeFileSync(caFile, identity.cert);
  const server = await serveLoopback((_request, response) => void response.end(), identity);
  onTestFinished(() => server.close());
  await replaceAws(stage, server.url, { caFile });
}

const ANSWERS: readonly Row[] = [
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

const STORE: readonly Row[] = [
  {
    when: "the role may not read it",
    arrange: error(
      400,
      "AccessDeniedException",
      `User: ${ROLE} is not authorized to perform: secretsmanager:GetSecretValue on resource: db`,
    ),
    kind: "denied",
    message:
      /AWS refuses it \(AccessDeniedException, arn:aws:iam::123456789012:role\/reader may not secretsmanager:GetSecretValue, request /,
  },
  {
    when: "its key may not be used",
    arrange: error(400, "DecryptionFailure"),
    kind: "denied",
    message: /cannot be decrypted with its KMS key/,
  },
  {
    when: "there is no such secret",
    arrange: ({ aws }) => aws.secrets.clear(),
    kind: "not-found",
    message: /GetSecretValue of "db" in us-east-1: AWS has nothing of that name/,
  },
  {
    when: "there is no such stage",
    arrange: (stage) => {
      stage.source = { secretId: "db", versionStage: "AWSPENDING" };
    },
    kind: "not-found",
    message: /version or stage/,
  },
  {
    when: "it is marked for deletion",
    arrange: ({ aws }) => void aws.secrets.set("db", { deleted: true }),
    kind: "disabled",
    message: /Restore the secret/,
  },
  {
    when: "AWS does not know the call",
    arrange: error(400, "UnknownOperationException"),
    kind: "wrong-request",
    message: /takes the call for wrong \(UnknownOperationException/,
  },
  {
    when: "AWS takes a parameter for wrong",
    arrange: error(400, "InvalidParameterException"),
    kind: "wrong-request",
    message: /InvalidParameterException/,
  },
];

const IDENTITY: readonly Row[] = [
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
    message: /the clock of the node/,
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

const REQUESTS: readonly Row[] = [
  {
    when: "no region is known",
    arrange: (stage) => void (stage.settings = { region: undefined }),
    kind: "wrong-request",
    message: /no AWS region is known/,
  },
  {
    when: "the store is not encrypted",
    arrange: (stage) => replaceAws(stage, "http://secrets.example.com"),
    kind: "wrong-request",
    message: /endpoints\.secretsmanager is not encrypted/,
  },
];

const VALUES: readonly Row[] = [
  {
    when: "the secret has no such key",
    arrange: (stage) => jsonSecret(stage, { other: VALUE }),
    kind: "not-found",
    message: /has no key "password"/,
  },
  {
    when: "the secret is no JSON",
    arrange: (stage) => jsonSecret(stage, undefined),
    kind: "unusable-value",
    message: /is no JSON object/,
  },
  {
    when: "the key is null",
    arrange: (stage) => jsonSecret(stage, { password: null }),
    kind: "unusable-value",
    message: /is null/,
  },
  {
    when: "the value is too large",
    arrange: (stage) => void (stage.request = { maxBytes: 10 }),
    kind: "unusable-value",
    message: /more than 10 bytes/,
  },
  {
    when: "the value cannot be an env var",
    arrange: (stage) => {
      stage.aws.secrets.set("db", { SecretString: `${VALUE}'` });
      stage.item = { env: [{ file: "vars", key: "DB" }] };
    },
    kind: "unusable-value",
    message: /env var DB of an env file: it has a single quote/,
  },
];

function jsonSecret(stage: Stage, content: object | undefined): void {
  stage.aws.secrets.set("db", { SecretString: content === undefined ? VALUE : JSON.stringify(content) });
  stage.source = { secretId: "db", jsonKey: "password" };
}

const PROGRAM: readonly Row[] = [
  {
    when: "the volume is not mounted",
    arrange: (stage) => void (stage.request = { volume: "/nonexistent" }),
    kind: "not-written",
    message: /the volume is not mounted at \/nonexistent/,
  },
  {
    when: "something else has the place of the file",
    arrange: ({ volume }) => mkdirSync(join(volume, "db")),
    kind: "not-written",
    message: /db is a folder/,
  },
  {
    when: "it is told to stop while it waits",
    arrange: (stage) => always(() => stage.stop())(stage),
    kind: "interrupted",
    message: /told to stop/,
  },
];

const ROWS = [...NETWORK, ...TLS, ...ANSWERS, ...STORE, ...IDENTITY, ...REQUESTS, ...VALUES, ...PROGRAM];

async function setStage(): Promise<{ readonly stage: Stage; readonly use: (round: TestRound) => void }> {
  const aws = await serveAws();
  onTestFinished(() => aws.close());
  aws.secrets.set("db", { SecretString: VALUE });
  aws.secrets.set("other", { SecretString: OTHER });
  let round: TestRound | undefined;
  const endpoints = { secretsmanager: aws.url.href, sts: aws.url.href };
  const stage: Stage = {
    aws,
    volume: temporaryFolder(),
    expire: () => round?.clock.expire(),
    stop: () => round?.stop.abort(),
    env: STATIC_ENV,
    files: {},
    now: Date.now,
    settings: { region: "us-east-1", endpoints },
    source: { secretId: "db" },
    item: {},
    request: {},
  };
  return { stage, use: (used) => void (round = used) };
}

/** The pod wants two secrets; what is arranged concerns the first, or both. */
function requestOf({ volume, settings, source, item, request, aws }: Stage, required: boolean): FetchRequest {
  const endpoints = { secretsmanager: aws.url.href, sts: aws.url.href };
  const all = { region: "us-east-1", ...settings };
  return {
    version: 1,
    volume,
    providers: {
      aws: {
        use: "aws-secretsmanager",
        settings: { ...all, endpoints: { ...endpoints, ...(settings["endpoints"] as object) } },
      },
    },
    items: [
      { name: "db/password", provider: "aws", source, required, files: [{ path: "db" }], ...item },
      { name: "other", provider: "aws", source: { secretId: "other" }, files: [{ path: "other" }] },
    ],
    deadlineSeconds: 10,
    ...request,
  };
}

async function expectClosed(row: Row, required: boolean): Promise<void> {
  const { stage, use } = await setStage();
  await row.arrange(stage);
  const host = testHost(stage);
  onTestFinished(() => host.close());
  const round = testRound(host);
  use(round);
  const before = contentOf(stage.volume);
  const end = await runRound(await prepared(requestOf(stage, required), builtInProviders), round.ports);
  expect(end.report).toMatch(row.message);
  expect(end.report).toContain(`fetch/${row.kind}`);
  expect(end).toMatchObject({ exit: FAILURES[row.kind].exit, written: 0 });
  expect(contentOf(stage.volume)).toEqual(before);
  expect(end.report).toMatch(/^[^\n]{1,4000}\. Fix: [^\n]+\.$/);
  for (const secret of [VALUE, OTHER, STATIC.secretAccessKey]) expect(end.report).not.toContain(secret);
}

describe("the pod does not start when", () => {
  test.each(ROWS)("$when", (row) => expectClosed(row, true));
});

describe("a secret that is not required stops the pod too when", () => {
  const known = ROWS.filter(({ kind }) => kind !== "not-found");
  test.each(known)("$when", (row) => expectClosed(row, false));
});

test("there are enough rows, and each has its own words", () => {
  expect(ROWS.length).toBeGreaterThanOrEqual(40);
  expect(new Set(ROWS.map(({ when }) => when)).size).toBe(ROWS.length);
});
