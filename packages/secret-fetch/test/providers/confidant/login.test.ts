/** How the provider proves who asks: what it sends to KMS, STS and Confidant. */
import { describe, expect, test } from "vitest";

import type { Provider } from "../../../src/provider.ts";
import type { ConfidantSource } from "../../../src/providers/confidant/settings.ts";
import { sendError } from "../../rig/aws-server.ts";
import type { Answer, LoopbackServer, SeenRequest } from "../../rig/loopback-server.ts";
import { basicProvider, documentWith, PASSWORD_FILE, provider, serve, signal } from "./rig.ts";

const DB = { credential: "db", key: "password" };
const NOW = Date.UTC(2026, 0, 31, 23, 58, 30, 999);
const ENV = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "secret", AWS_REGION: "eu-west-1" };

const answerDocument: Answer = (_request, response) => void response.end(documentWith(`{"password":"value"}`));
const answerToken: Answer = (_request, response) => void response.end(`{"CiphertextBlob":"dG9rZW4="}`);

interface Both {
  readonly aws: LoopbackServer;
  readonly server: LoopbackServer;
  readonly confidant: Provider<ConfidantSource>;
}

async function both(answerAws: Answer, auth: object = {}, settings: object = { service: "orders" }): Promise<Both> {
  const aws = await serve(answerAws);
  const server = await serve(answerDocument);
  const endpoints = { kms: aws.url.href, sts: aws.url.href };
  const confidant = provider(
    {
      url: `${server.url.href}behind/a-path/`,
      auth: { method: "kmsauth", key: "alias/authnz", to: "confidant-production", endpoints, ...auth },
      ...settings,
    },
    { env: ENV, now: () => NOW },
  );
  return { aws, server, confidant };
}

function encrypted(request: SeenRequest | undefined): object {
  const { Plaintext, ...rest } = JSON.parse(request?.body ?? "{}") as { Plaintext: string };
  return { ...rest, span: JSON.parse(Buffer.from(Plaintext, "base64").toString()) as object };
}

function userOf(request: SeenRequest | undefined): string {
  return Buffer.from(request?.headers.authorization?.replace("Basic ", "") ?? "", "base64").toString();
}

describe("a token", () => {
  test("begins three minutes ago, holds ten, and says who speaks to whom", async () => {
    const { aws, server, confidant } = await both(answerToken);
    await confidant.fetch(DB, signal);
    expect(aws.requests.map(encrypted)).toEqual([
      {
        KeyId: "alias/authnz",
        EncryptionContext: { to: "confidant-production", from: "orders", user_type: "service" },
        span: { not_before: "20260131T235530Z", not_after: "20260201T000530Z" },
      },
    ]);
    expect(aws.requests[0]?.headers).toMatchObject({
      "x-amz-target": "TrentService.Encrypt",
      authorization: expect.stringContaining("/eu-west-1/kms/aws4_request"),
    });
    expect(server.requests).toMatchObject([{ method: "GET", path: "/behind/a-path/v1/services/orders", body: "" }]);
    expect(userOf(server.requests[0])).toBe("2/service/orders:dG9rZW4=");
  });

  test("of version 1 lacks the type of user, in context and name", async () => {
    const { aws, server, confidant } = await both(answerToken, { version: 1, tokenMinutes: 60 });
    await confidant.fetch(DB, signal);
    expect(encrypted(aws.requests[0])).toMatchObject({
      EncryptionContext: { to: "confidant-production", from: "orders" },
      span: { not_after: "20260201T005530Z" },
    });
    expect(userOf(server.requests[0])).toBe("orders:dG9rZW4=");
  });

  test("is made in the region of the key, when its ARN names one", async () => {
    const key = "arn:aws:kms:us-west-2:123456789012:key/11111111-2222-3333-4444-555555555555";
    const { aws, confidant } = await both(answerToken, { key });
    await confidant.fetch(DB, signal);
    expect(aws.requests[0]?.headers.authorization).toContain("/us-west-2/kms/aws4_request");
  });

  test.each<[string, Answer, string, RegExp]>([
    [
      "the policy of the key says no",
      (_request, response) => sendError(response, 400, "AccessDeniedException"),
      "denied",
      /^Encrypt with the KMS key "alias\/authnz": AWS refuses it/,
    ],
    [
      "the key is disabled",
      (_request, response) => sendError(response, 400, "DisabledException"),
      "unauthenticated",
      /the KMS key is disabled/,
    ],
    [
      "KMS has had enough",
      (_request, response) => sendError(response, 400, "ThrottlingException"),
      "throttled",
      /too many calls/,
    ],
    [
      "KMS has a fault",
      (_request, response) => sendError(response, 500, "KMSInternalException"),
      "unavailable",
      /fault/,
    ],
    [
      "the answer holds none",
      (_request, response) => void response.end(`{"CiphertextBlob":"no base64: hush"}`),
      "invalid-answer",
      /^Encrypt with the KMS key "alias\/authnz": the answer holds no ciphertext$/,
    ],
  ])("cannot be had when %s", async (_when, answer, kind, message) => {
    const { server, confidant } = await both(answer);
    await expect(confidant.fetch(DB, signal)).rejects.toMatchObject({ kind, message: expect.stringMatching(message) });
    expect(server.requests).toEqual([]);
  });
});

describe("a service that is not named", () => {
  const knownAs =
    (arn: string): Answer =>
    (request, response) =>
      request.body.startsWith("Action=GetCallerIdentity")
        ? void response.end(`<GetCallerIdentityResult>\n<Arn>${arn}</Arn></GetCallerIdentityResult>`)
        : void response.end(`{"CiphertextBlob":"dG9rZW4="}`);

  test.each([
    ["the role", "arn:aws:sts::123456789012:assumed-role/orders/session-1"],
    ["the role of a partition", "arn:aws-us-gov:sts::123456789012:assumed-role/orders/i-0123"],
    ["the user", "arn:aws:iam::123456789012:user/orders"],
    ["the user below a path", "arn:aws:iam::123456789012:user/teams/shop/orders"],
  ])("is called as %s", async (_who, arn) => {
    const { server, confidant } = await both(knownAs(arn), {}, {});
    await confidant.fetch(DB, signal);
    expect(userOf(server.requests[0])).toBe("2/service/orders:dG9rZW4=");
  });

  test.each([
    ["the account", "arn:aws:iam::123456789012:root"],
    ["a federated user", "arn:aws:sts::123456789012:federated-user/orders"],
    ["what would leave its place in a path", "arn:aws:sts::123456789012:assumed-role/../session"],
    ["nobody", ""],
  ])("cannot be known from %s", async (_who, arn) => {
    const { server, confidant } = await both(knownAs(arn), {}, {});
    await expect(confidant.fetch(DB, signal)).rejects.toMatchObject({ kind: "unauthenticated" });
    expect(server.requests).toEqual([]);
  });
});

describe("a password", () => {
  test.each([
    ["is not there", {}, `there is no file "${PASSWORD_FILE}"`],
    ["is empty", { [PASSWORD_FILE]: " \n" }, `the file "${PASSWORD_FILE}" is empty`],
  ])("whose file %s is asked for before Confidant is", async (_what, files, cause) => {
    const server = await serve(answerDocument);
    const message = `the password for Confidant cannot be had: ${cause}`;
    const fetched = basicProvider(server.url.href, { files }).fetch(DB, signal);
    await expect(fetched).rejects.toMatchObject({ kind: "unauthenticated", message });
    expect(server.requests).toEqual([]);
  });
});

describe("a round", () => {
  test("asks STS, KMS and Confidant once, however many items there are", async () => {
    const { aws, server, confidant } = await both(
      (request, response) => {
        const isIdentity = request.body.startsWith("Action=");
        response.end(isIdentity ? "<Arn>arn:aws:iam::123456789012:user/orders</Arn>" : `{"CiphertextBlob":"dG9rZW4="}`);
      },
      {},
      {},
    );
    await Promise.all([DB, DB, DB].map((source) => confidant.fetch(source, signal)));
    expect([aws.requests.length, server.requests.length]).toEqual([2, 1]);
  });

  test("asks again after a failure, with a token of its own", async () => {
    let answers = 0;
    const server = await serve((request, response) => {
      answers += 1;
      if (answers === 1) response.writeHead(503).end();
      else void answerDocument(request, response);
    });
    const confidant = basicProvider(server.url.href);
    await expect(confidant.fetch(DB, signal)).rejects.toMatchObject({ kind: "unavailable" });
    await expect(confidant.fetch(DB, signal)).resolves.toEqual(new TextEncoder().encode("value"));
  });
});
