/**
 * What AWS Secrets Manager does, as far as the provider counts on it: the double of `npm test` and moto, in `e2e`, are
 * held to one table.
 */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import * as z from "zod/mini";

import type { AwsCredentials } from "../../src/aws/signature.ts";
import { awsSecretsManager } from "../../src/providers/aws-secretsmanager/provider.ts";
import type { AwsSecretSource } from "../../src/providers/aws-secretsmanager/source.ts";
import { testHost } from "../rig/host.ts";

/** A secret's value. */
export type SecretValue = { readonly text: string } | { readonly bytes: Uint8Array };

/** A secret that was made. */
export interface MadeSecret {
  readonly arn: string;
  /** Ids of its versions, the oldest first. */
  readonly versions: readonly string[];
}

/** A server with Secrets Manager and STS in which the table may make what it needs. */
export interface AwsRig {
  readonly url: string;
  readonly region: string;
  /** May read every secret, and assume the role. */
  readonly reader: AwsCredentials;
  /** May do nothing. */
  readonly stranger: AwsCredentials;
  /** A role that may read every secret. */
  readonly role: string;
  /** @param values one after the other; the last is current, the one before it previous */
  makeSecret(name: string, values: readonly SecretValue[]): Promise<MadeSecret>;
  /** Marks it for deletion. */
  deleteSecret(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** @param limit milliseconds to start the server */
export function describeSecretsManager(name: string, start: () => Promise<AwsRig>, limit: number): void {
  describe(name, () => {
    let rig: AwsRig;
    let db: MadeSecret;

    beforeAll(async () => {
      rig = await start();
      db = await rig.makeSecret("team/db", [{ text: '{"user":"u1"}' }, { text: '{"user":"u2","port":5432}' }]);
    }, limit);
    afterAll(() => rig?.stop());

    const fetchSecret = (...args: Rest<typeof fetchFrom>): Promise<Buffer> => fetchFrom(rig, ...args);
    const fetchText = async (...args: Rest<typeof fetchFrom>): Promise<string> =>
      (await fetchSecret(...args)).toString();

    test("has a secret by its name, its ARN, and its ARN without the random end", async () => {
      const partial = db.arn.replace(/-[A-Za-z0-9]{6}$/, "");
      for (const secretId of ["team/db", db.arn, partial])
        await expect(fetchText({ secretId, jsonKey: "user" })).resolves.toBe("u2");
    });

    test("has a version by its id, and by its stage", async () => {
      const [first = "", second = ""] = db.versions;
      const secretId = "team/db";
      await expect(fetchText({ secretId, versionId: first, jsonKey: "user" })).resolves.toBe("u1");
      await expect(fetchText({ secretId, versionId: second, jsonKey: "user" })).resolves.toBe("u2");
      await expect(fetchText({ secretId, versionStage: "AWSPREVIOUS", jsonKey: "user" })).resolves.toBe("u1");
      await expect(fetchText({ secretId, versionStage: "AWSCURRENT", jsonKey: "port" })).resolves.toBe("5432");
    });

    test.each([" ", "välue\n€ 😀", 'it\'s "quoted" \\ \u2028', "x".repeat(65_000)])(
      "keeps text as it is (%#)",
      async (text) => {
        const { arn } = await rig.makeSecret(`text-${text.length}`, [{ text }]);
        await expect(fetchText({ secretId: arn })).resolves.toBe(text);
      },
    );

    test("keeps bytes as they are", async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_value, index) => index);
      await rig.makeSecret("bytes", [{ bytes }]);
      await expect(fetchSecret({ secretId: "bytes" })).resolves.toEqual(Buffer.from(bytes));
    });

    test("gives it to a role that is assumed", async () => {
      const assumeRole = { arn: rig.role, externalId: "tenant-7" };
      await expect(fetchText({ secretId: "team/db", jsonKey: "user" }, undefined, { assumeRole })).resolves.toBe("u2");
    });

    test.each<[string, AwsSecretSource, string]>([
      ["a secret that is not there", { secretId: "missing" }, "not-found"],
      ["a stage that is not there", { secretId: "team/db", versionStage: "AWSPENDING" }, "not-found"],
      ["a version that is not there", { secretId: "team/db", versionId: "0".repeat(36) }, "not-found"],
      ["a key that is not there", { secretId: "team/db", jsonKey: "password" }, "not-found"],
    ])("has not %s", async (_what, source, kind) => {
      await expect(fetchSecret(source)).rejects.toMatchObject({ kind });
    });

    test("serves none that is marked for deletion", async () => {
      await rig.makeSecret("leaving", [{ text: "v" }]);
      await rig.deleteSecret("leaving");
      await expect(fetchSecret({ secretId: "leaving" })).rejects.toMatchObject({ kind: "disabled" });
    });

    test("refuses it to an identity without the right, and says who and what", async () => {
      await expect(fetchSecret({ secretId: "team/db" }, envOf(rig.stranger))).rejects.toMatchObject({
        kind: "denied",
        message: expect.stringMatching(
          /AWS refuses it \(AccessDenied\w*, arn:aws:iam::\d{12}:user\/stranger may not secretsmanager:GetSecretValue/,
        ),
      });
    });

    test("refuses a wrong secret key, and an unknown access key", async () => {
      const wrong = { ...rig.reader, secretAccessKey: "wrong" };
      const unknown = { ...rig.reader, accessKeyId: "AKIAIOSFODNN7EXAMPLE" };
      for (const identity of [wrong, unknown])
        await expect(fetchSecret({ secretId: "team/db" }, envOf(identity))).rejects.toMatchObject({
          kind: "unauthenticated",
        });
    });
  });
}

/**
 * IRSA. Apart from the rest: moto cannot check signatures and take an unsigned call.
 * @param limit milliseconds to start the server
 */
export function describeWebIdentity(name: string, start: () => Promise<AwsRig>, limit: number): void {
  test(`${name} gives a secret to the role of a service account's token`, { timeout: limit }, async () => {
    const rig = await start();
    onTestFinished(() => rig.stop());
    await rig.makeSecret("db", [{ text: "v" }]);
    const env = { AWS_ROLE_ARN: rig.role, AWS_WEB_IDENTITY_TOKEN_FILE: "/token" };
    expect((await fetchFrom(rig, { secretId: "db" }, env)).toString()).toBe("v");
  });
}

type Rest<Call> = Call extends (rig: AwsRig, ...args: infer Args) => unknown ? Args : never;

async function fetchFrom(
  rig: AwsRig,
  source: AwsSecretSource,
  env: Readonly<Record<string, string>> = envOf(rig.reader),
  settings: object = {},
): Promise<Buffer> {
  const endpoints = { secretsmanager: rig.url, sts: rig.url };
  const host = testHost({ env, files: { "/token": TOKEN } });
  onTestFinished(() => host.close());
  const options = z.parse(awsSecretsManager.settings, { region: rig.region, endpoints, ...settings });
  const provider = awsSecretsManager.create(options, host);
  return Buffer.from(await provider.fetch(source, new AbortController().signal));
}

function envOf({ accessKeyId, secretAccessKey, sessionToken }: AwsCredentials): Readonly<Record<string, string>> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
  };
}

/** A service account's token as the kubelet projects it; nobody here checks who signed it. */
const TOKEN = [
  { alg: "RS256", kid: "1" },
  {
    iss: "https://oidc.eks.us-east-1.amazonaws.com/id/1",
    sub: "system:serviceaccount:team:task",
    aud: ["sts.amazonaws.com"],
  },
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
  .concat("c2lnbmF0dXJl")
  .join(".");
