import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod/mini";

import type { Provider } from "../../src/provider.ts";
import { awsSecretsManager } from "../../src/providers/aws-secretsmanager/provider.ts";
import type { AwsSecretSource } from "../../src/providers/aws-secretsmanager/source.ts";
import { STATIC, sendError, serveAws, type AwsServer } from "../rig/aws-server.ts";
import { testHost, type TestHost } from "../rig/host.ts";

const signal = new AbortController().signal;
const ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:team/db-a1B2c3";
const ENV = { AWS_ACCESS_KEY_ID: STATIC.accessKeyId, AWS_SECRET_ACCESS_KEY: STATIC.secretAccessKey };

let server: AwsServer;
let host: TestHost;

beforeEach(async () => {
  server = await serveAws();
  host = testHost({ env: { ...ENV, AWS_REGION: "us-west-2" } });
});

afterEach(async () => {
  host.close();
  await server.close();
});

function provider(settings: object = {}): Provider<AwsSecretSource> {
  const endpoints = { secretsmanager: server.url.href, sts: server.url.href };
  return awsSecretsManager.create(z.parse(awsSecretsManager.settings, { endpoints, ...settings }), host);
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const fetchText = async (source: AwsSecretSource): Promise<string> => textOf(await provider().fetch(source, signal));
const regionOfCall = (index = 0): string | undefined =>
  /Credential=\w+\/\d+\/([\w-]+)\//.exec(server.requests[index]?.headers.authorization ?? "")?.[1];

describe("a secret of AWS Secrets Manager", () => {
  test("is got by its name, in the region of the container", async () => {
    server.secrets.set("team/db", { SecretString: "välue\n" });
    await expect(fetchText({ secretId: "team/db" })).resolves.toBe("välue\n");
    expect(JSON.parse(server.requests[0]?.body ?? "")).toEqual({ SecretId: "team/db" });
    expect(regionOfCall()).toBe("us-west-2");
  });

  test("is got in the region of the settings before that of the container", async () => {
    server.secrets.set("db", { SecretString: "v" });
    await provider({ region: "ap-south-1" }).fetch({ secretId: "db" }, signal);
    expect(regionOfCall()).toBe("ap-south-1");
  });

  test("is got by its ARN, in the region of that", async () => {
    server.secrets.set(ARN, { SecretString: "v" });
    await expect(fetchText({ secretId: ARN })).resolves.toBe("v");
    expect(regionOfCall()).toBe("eu-central-1");
  });

  test("may be binary, and is kept byte by byte", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_value, index) => index);
    server.secrets.set("key", { SecretBinary: Buffer.from(bytes).toString("base64") });
    const fetched = await provider().fetch({ secretId: "key" }, signal);
    expect(Buffer.from(fetched)).toEqual(Buffer.from(bytes));
  });

  test.each(["YWJj!", "YWJ", "YWJjY", "YW=j", "YWI==="])(
    "is refused when %j is its binary: that is no base64",
    async (SecretBinary) => {
      server.secrets.set("key", { SecretBinary });
      await expect(provider().fetch({ secretId: "key" }, signal)).rejects.toMatchObject({ kind: "invalid-answer" });
    },
  );

  test("may be empty", async () => {
    server.secrets.set("empty", { SecretString: "" });
    await expect(fetchText({ secretId: "empty" })).resolves.toBe("");
  });

  test("that is no text is not written as another", async () => {
    server.secrets.set("db", { SecretString: "half of a character: \ud83d" });
    await expect(fetchText({ secretId: "db" })).rejects.toMatchObject({ kind: "unusable-value" });
  });

  test("is got in the version that is asked for, by its id or its stage", async () => {
    const [first, second] = ["1".repeat(36), "2".repeat(36)];
    server.secrets.set("db", {
      versions: [
        { SecretString: "old", VersionId: first, VersionStages: ["AWSPREVIOUS"] },
        { SecretString: "new", VersionId: second, VersionStages: ["AWSCURRENT"] },
      ],
    });
    await expect(fetchText({ secretId: "db" })).resolves.toBe("new");
    await expect(fetchText({ secretId: "db", versionId: first })).resolves.toBe("old");
    await expect(fetchText({ secretId: "db", versionStage: "AWSPREVIOUS" })).resolves.toBe("old");
  });

  test("gives several keys by one call", async () => {
    server.secrets.set("db", { SecretString: '{"user":"u","port":5432,"password":"p"}' });
    const store = provider();
    const values = await Promise.all(
      ["user", "port", "password"].map((key) => store.fetch({ secretId: "db", jsonKey: key }, signal)),
    );
    expect(values.map(textOf)).toEqual(["u", "5432", "p"]);
    expect(server.actions).toEqual(["secretsmanager.GetSecretValue"]);
  });

  test("is asked for again after a failure", async () => {
    server.secrets.set("db", { SecretString: "v" });
    server.faults.push((response) => sendError(response, 500, "InternalServiceError"));
    const store = provider();
    await expect(store.fetch({ secretId: "db" }, signal)).rejects.toMatchObject({ kind: "unavailable" });
    await expect(store.fetch({ secretId: "db" }, signal)).resolves.toEqual(new TextEncoder().encode("v"));
  });

  test("is got with the role that is to be assumed", async () => {
    server.secrets.set("db", { SecretString: "v" });
    const assuming = provider({ assumeRole: { arn: "arn:aws:iam::123456789012:role/reader" } });
    await expect(assuming.fetch({ secretId: "db" }, signal)).resolves.toBeDefined();
    expect(server.actions).toEqual(["AssumeRole", "secretsmanager.GetSecretValue"]);
  });
});

describe("the address", () => {
  const asked = async (region: string): Promise<string> => {
    const hosts: string[] = [];
    const http: TestHost["http"] = async ({ url }) => {
      hosts.push(url.href);
      return { status: 200, headers: {}, body: new TextEncoder().encode('{"Name":"db","SecretString":"v"}') };
    };
    const settings = z.parse(awsSecretsManager.settings, { region });
    await awsSecretsManager.create(settings, { ...host, http }).fetch({ secretId: "db" }, signal);
    return hosts.join();
  };

  test.each([
    ["us-east-1", "https://secretsmanager.us-east-1.amazonaws.com/"],
    ["us-gov-west-1", "https://secretsmanager.us-gov-west-1.amazonaws.com/"],
    ["cn-north-1", "https://secretsmanager.cn-north-1.amazonaws.com.cn/"],
    ["us-iso-east-1", "https://secretsmanager.us-iso-east-1.c2s.ic.gov/"],
    ["us-isob-east-1", "https://secretsmanager.us-isob-east-1.sc2s.sgov.gov/"],
    ["eusc-de-east-1", "https://secretsmanager.eusc-de-east-1.amazonaws.eu/"],
  ])("of region %s is %s", async (region, url) => {
    await expect(asked(region)).resolves.toBe(url);
  });
});

describe("is refused before any call:", () => {
  const source = (value: object): boolean => awsSecretsManager.source["~standard"].validate(value) as never;

  test.each([
    [{ secretId: "" }],
    [{ secretId: "a b" }],
    [{ secretId: "a?b" }],
    [{ secretId: "a\nb" }],
    [{ secretId: "x".repeat(513) }],
    [{ secretId: "arn:aws:secretsmanager:us-east-1:123:secret:db" }],
    [{ secretId: "arn:aws:secretsmanager:s3:123456789012:secret:db" }],
    [{ secretId: "arn:aws:s3:us-east-1:123456789012:secret:db" }],
    [{ secretId: `${ARN}:user` }],
    [{ secretId: "db", versionId: "short" }],
    [{ secretId: "db", versionStage: "a b" }],
    [{ secretId: "db", jsonKey: "" }],
    [{ secretId: "db", key: "password" }],
  ])("%j", (value) => {
    expect(source(value)).toHaveProperty("issues");
  });

  test.each([
    [{ region: "us-east-1.evil.com" }],
    [{ region: "US-EAST-1" }],
    [{ endpoints: { secretsmanager: "https://user:password@host" } }],
    [{ endpoints: { secretsmanager: "https://host/?x=1" } }],
    [{ endpoints: { secretsmanager: "file:///etc/passwd" } }],
    [{ endpoints: { s3: "https://host" } }],
    [{ credentials: [] }],
    [{ credentials: ["imds"] }],
    [{ assumeRole: { arn: "reader" } }],
    [{ caFile: "ca.crt" }],
    [{ accessKeyId: "AKID" }],
  ])("settings %j", (value) => {
    expect(awsSecretsManager.settings["~standard"].validate(value)).toHaveProperty("issues");
  });
});
