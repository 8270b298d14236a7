import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod/mini";

import { callAction } from "../../src/aws/client.ts";
import { awsCredentials } from "../../src/aws/credentials.ts";
import { awsSettings, type AwsSettings } from "../../src/aws/settings.ts";
import { STATIC, TEMPORARY, sendError, serveAws, type AwsServer } from "../rig/aws-server.ts";
import { testHost, type HostFacts, type TestHost } from "../rig/host.ts";
import { serveLoopback } from "../rig/loopback-server.ts";

const signal = new AbortController().signal;
const ROLE = "arn:aws:iam::123456789012:role/reader";
const TOKEN_FILE = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";

const STATIC_ENV = { AWS_ACCESS_KEY_ID: STATIC.accessKeyId, AWS_SECRET_ACCESS_KEY: STATIC.secretAccessKey };
const WEB_ENV = { AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: TOKEN_FILE, AWS_REGION: "eu-west-1" };

let server: AwsServer;
let host: TestHost | undefined;

beforeEach(async () => {
  server = await serveAws();
});

afterEach(async () => {
  host?.close();
  await server.close();
});

function settingsOf(settings: object = {}): AwsSettings {
  const endpoints = { sts: server.url.href, secretsmanager: server.url.href };
  return z.parse(z.strictObject(awsSettings), { region: "us-east-1", endpoints, ...settings });
}

function find(facts: HostFacts, settings?: object): ReturnType<ReturnType<typeof awsCredentials>> {
  host = testHost(facts);
  return awsCredentials(settingsOf(settings), host)(signal);
}

describe("the container's identity", () => {
  test("is that of the env vars before any other", async () => {
    await expect(find({ env: { ...WEB_ENV, ...STATIC_ENV } })).resolves.toEqual(STATIC);
  });

  test("of env vars includes the session token", async () => {
    await expect(find({ env: { ...STATIC_ENV, AWS_SESSION_TOKEN: "t" } })).resolves.toEqual({
      ...STATIC,
      sessionToken: "t",
    });
  });

  test("is that of the service account's token, exchanged by STS (IRSA)", async () => {
    await expect(find({ env: WEB_ENV, files: { [TOKEN_FILE]: "header.claims.signature\n" } })).resolves.toEqual(
      TEMPORARY,
    );
    expect(Object.fromEntries(new URLSearchParams(server.requests[0]?.body))).toEqual({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: ROLE,
      RoleSessionName: "pod-secrets-fetch",
      WebIdentityToken: "header.claims.signature",
    });
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  test("is that of EKS Pod Identity, which gets the token as it is", async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = TEMPORARY;
    const agent = await serveLoopback((_request, response) => {
      response.end(JSON.stringify({ AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken }));
    });
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent.url.href}v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: TOKEN_FILE,
    };
    await expect(find({ env, files: { [TOKEN_FILE]: "projected" } })).resolves.toEqual(TEMPORARY);
    expect(agent.requests[0]).toMatchObject({
      method: "GET",
      path: "/v1/credentials",
      headers: { authorization: "projected" },
    });
    await agent.close();
  });

  test("assumes a role with the one it has, by a signed call", async () => {
    const role = { arn: ROLE, externalId: "tenant-7", sessionName: "task" };
    await expect(find({ env: STATIC_ENV }, { assumeRole: role })).resolves.toEqual(TEMPORARY);
    expect(Object.fromEntries(new URLSearchParams(server.requests[0]?.body))).toEqual({
      Action: "AssumeRole",
      Version: "2011-06-15",
      RoleArn: ROLE,
      RoleSessionName: "task",
      ExternalId: "tenant-7",
    });
  });

  test("is looked for once, however many items need it", async () => {
    host = testHost({ env: WEB_ENV, files: { [TOKEN_FILE]: "t" } });
    const credentials = awsCredentials(settingsOf(), host);
    await Promise.all([credentials(signal), credentials(signal), credentials(signal)]);
    expect(server.actions).toEqual(["AssumeRoleWithWebIdentity"]);
  });

  test("is looked for again after a failure", async () => {
    host = testHost({ env: WEB_ENV, files: { [TOKEN_FILE]: "t" } });
    const credentials = awsCredentials(settingsOf(), host);
    server.faults.push((response) => sendError(response, 503, "ServiceUnavailable"));
    await expect(credentials(signal)).rejects.toMatchObject({ kind: "unavailable" });
    await expect(credentials(signal)).resolves.toEqual(TEMPORARY);
  });
});

describe("without an identity", () => {
  test.each<[string, HostFacts, object, string, RegExp]>([
    [
      "nothing is announced",
      {},
      {},
      "unauthenticated",
      /no AWS identity \(looked for env, web-identity, pod-identity\)/,
    ],
    [
      "only another source is permitted",
      { env: STATIC_ENV },
      { credentials: ["web-identity"] },
      "unauthenticated",
      /looked for web-identity/,
    ],
    [
      "the token's volume is not mounted",
      { env: WEB_ENV },
      {},
      "unauthenticated",
      /token of the pod's identity cannot be had: there is no file/,
    ],
    [
      "the token's file is empty",
      { env: WEB_ENV, files: { [TOKEN_FILE]: "\n" } },
      {},
      "unauthenticated",
      /token of the pod's identity cannot be had: its file is empty/,
    ],
    [
      "the token has expired",
      { env: WEB_ENV, files: { [TOKEN_FILE]: "expired" } },
      {},
      "unauthenticated",
      /have expired \(ExpiredTokenException/,
    ],
    [
      "the agent's address is not on the node",
      { env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.169.254/latest" } },
      {},
      "wrong-request",
      /names no address of its node/,
    ],
  ])("when %s", async (_when, facts, settings, kind, message) => {
    await expect(find(facts, settings)).rejects.toMatchObject({ kind, message: expect.stringMatching(message) });
  });
});

describe("a clock that is wrong", () => {
  test("is put right by the server's once the signature is refused for it", async () => {
    host = testHost({ env: STATIC_ENV, now: () => Date.now() - 7_200_000 });
    server.secrets.set("db", { SecretString: "value" });
    const action = {
      service: "secretsmanager",
      region: "us-east-1",
      target: "secretsmanager.GetSecretValue",
      input: { SecretId: "db" },
      what: "GetSecretValue",
      signal,
    } as const;
    await expect(callAction(action, STATIC, settingsOf(), host)).resolves.toMatchObject({ SecretString: "value" });
    expect(server.requests).toHaveLength(2);
  });
});
