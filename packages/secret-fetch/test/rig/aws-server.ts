/**
 * A server that speaks as AWS does where the program listens: it checks every signature by AWS' own library, and
 * answers Secrets Manager, STS and KMS. `e2e` holds it against moto.
 */
import type { ServerResponse } from "node:http";

import type { AwsCredentials } from "../../src/aws/signature.ts";
import { signedByAws } from "./aws-signature.ts";
import type { Fault, FaultyServer } from "./faulty-server.ts";
import { serveLoopback, type LoopbackServer, type SeenRequest } from "./loopback-server.ts";

export const STATIC: AwsCredentials = { accessKeyId: "AKIDSTATIC", secretAccessKey: "static/secret+key" };
export const TEMPORARY: AwsCredentials = {
  accessKeyId: "ASIATEMPORARY",
  secretAccessKey: "temporary/secret+key",
  sessionToken: "temporary-session-token==",
};

/** Of a user who may do nothing. */
export const STRANGER: AwsCredentials = { accessKeyId: "AKIDSTRANGER", secretAccessKey: "stranger/secret+key" };

export interface AwsServer extends FaultyServer {
  /** Secrets by ARN or name. */
  readonly secrets: Map<string, Readonly<Record<string, unknown>>>;
  /** Actions that were answered, such as `secretsmanager.GetSecretValue` and `AssumeRole`. */
  readonly actions: string[];
}

/** @param now the server's clock: it refuses signatures that are five minutes off */
export async function serveAws(now: () => number = Date.now): Promise<AwsServer> {
  const secrets = new Map<string, Readonly<Record<string, unknown>>>();
  const faults: Fault[] = [];
  const actions: string[] = [];
  const server: LoopbackServer = await serveLoopback(async (request, response) => {
    response.setHeader("date", new Date(now()).toUTCString());
    response.setHeader("x-amzn-requestid", "11111111-2222-3333-4444-555555555555");
    const fault = faults.shift();
    if (fault !== undefined) return fault(response);
    if (request.body.startsWith("Action=AssumeRoleWithWebIdentity")) return answerSts(request, response, actions);
    const refusal = await refusalOf(request, server.url, now());
    if (refusal !== undefined) return sendError(response, 400, refusal);
    if (request.body.startsWith("Action=")) return answerSts(request, response, actions);
    if (request.headers.authorization?.includes(`=${STRANGER.accessKeyId}/`) === true)
      return sendError(response, 400, "AccessDeniedException", DENIED);
    actions.push(String(request.headers["x-amz-target"]));
    answerSecret(request, response, secrets);
  });
  return { ...server, secrets, faults, actions };
}

const DENIED =
  "User: arn:aws:iam::123456789012:user/stranger is not authorized to perform: secretsmanager:GetSecretValue on " +
  "resource: team/db because no identity-based policy allows the secretsmanager:GetSecretValue action";

/** An error as the JSON protocol has it. */
export function sendError(response: ServerResponse, status: number, name: string, message = "never shown"): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
  response.end(JSON.stringify({ __type: name, Message: message }));
}

async function refusalOf(request: SeenRequest, url: URL, now: number): Promise<string | undefined> {
  const { headers, body } = request;
  const parts =
    /^AWS4-HMAC-SHA256 Credential=(\w+)\/\d{8}\/([\w-]+)\/(\w+)\/aws4_request, SignedHeaders=([\w;-]+), /.exec(
      headers.authorization ?? "",
    );
  if (parts === null) return "MissingAuthenticationTokenException";
  const [, id = "", region = "", service = "", names = ""] = parts;
  const credentials = [STATIC, TEMPORARY, STRANGER].find(({ accessKeyId }) => accessKeyId === id);
  if (credentials === undefined || headers["x-amz-security-token"] !== credentials.sessionToken)
    return "UnrecognizedClientException";
  const time = timeOf(String(headers["x-amz-date"]));
  const covered = names.split(";").filter((name) => !["host", "x-amz-date", "x-amz-security-token"].includes(name));
  const signed = Object.fromEntries(covered.map((name) => [name, String(headers[name])]));
  const expected = await signedByAws({ url, headers: signed, body, service, region, time }, credentials);
  if (expected["authorization"] !== headers.authorization) return "InvalidSignatureException";
  return Math.abs(time - now) > 300_000 ? "InvalidSignatureException" : undefined;
}

/** `20260101T000000Z` */
function timeOf(stamp: string): number {
  return Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

function answerSts({ body }: SeenRequest, response: ServerResponse, actions: string[]): void {
  const form = new URLSearchParams(body);
  actions.push(form.get("Action") ?? "");
  if (form.get("WebIdentityToken") === "expired") {
    response.writeHead(400, { "content-type": "text/xml" });
    response.end("<ErrorResponse><Error><Code>ExpiredTokenException</Code></Error></ErrorResponse>");
    return;
  }
  const { accessKeyId, secretAccessKey, sessionToken } = TEMPORARY;
  response.writeHead(200, { "content-type": "text/xml" });
  response.end(
    `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
       <AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>
       <SessionToken>${sessionToken}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>
     </Credentials></AssumeRoleResult></AssumeRoleResponse>`,
  );
}

function answerSecret(
  { body }: SeenRequest,
  response: ServerResponse,
  secrets: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
): void {
  const input = JSON.parse(body) as { SecretId: string; VersionId?: string; VersionStage?: string };
  const secret = secrets.get(input.SecretId);
  if (secret === undefined) return sendError(response, 400, "ResourceNotFoundException");
  if (secret["deleted"] === true) return sendError(response, 400, "InvalidRequestException");
  const stage = input.VersionStage ?? "AWSCURRENT";
  const versions = (secret["versions"] ?? [secret]) as readonly Readonly<Record<string, unknown>>[];
  const found = versions.find(({ VersionId, VersionStages = ["AWSCURRENT"] }) =>
    input.VersionId === undefined ? (VersionStages as string[]).includes(stage) : VersionId === input.VersionId,
  );
  if (found === undefined) return sendError(response, 400, "ResourceNotFoundException");
  response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
  response.end(JSON.stringify({ ...namesOf(input.SecretId), VersionStages: ["AWSCURRENT"], ...found }));
}

/** Every answer has both names, whichever was asked for. */
function namesOf(secretId: string): Readonly<Record<string, string>> {
  const isArn = secretId.startsWith("arn:");
  const whole = isArn ? secretId : `arn:aws:secretsmanager:us-east-1:123456789012:secret:${secretId}`;
  const ARN = RANDOM_END.test(whole) ? whole : `${whole}-a1B2c3`;
  return { ARN, Name: (ARN.split(":").at(-1) ?? "").replace(RANDOM_END, "") };
}

const RANDOM_END = /-[A-Za-z0-9]{6}$/;
