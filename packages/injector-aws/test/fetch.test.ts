import { join } from "node:path";
import type { Pod } from "@pod-secrets/core";
import {
  admitPod,
  admittedPod,
  answerTo,
  asReinvoked,
  openInjector,
  readFetchRequest,
  runFetchProgram,
  secretRequests,
  testPod,
  withRequests,
  type RequestFields,
} from "@pod-secrets/injector-testkit";
import { describe, expect, test } from "vitest";

import plugin from "../src/index.ts";

const GROUP = "arn:aws:secretsmanager:us-east-2:123456789012:secret";
const FETCHER = { image: "registry.example.com/pod-secrets-fetch:1" };
const PROGRAM = join(import.meta.dirname, "../../secret-fetch/src/main.ts");
const injector = await openInjector(plugin, { mode: "fetch", fetcher: FETCHER });

async function admittedWith(requests: readonly RequestFields[], settings: object = {}): Promise<Pod> {
  const withSettings = await openInjector(plugin, { mode: "fetch", fetcher: FETCHER, settings });
  return admittedPod(withRequests(testPod(), secretRequests(requests)), [withSettings]);
}

async function itemFor(fields: RequestFields): Promise<unknown> {
  return readFetchRequest(await admittedWith([{ group: GROUP, key: "name", ...fields }])).items[0];
}

describe("the init container is told", () => {
  test("the ARN, and the file where flytekit looks", async () => {
    expect(await itemFor({ group: `${GROUP}:`, key: "Team/DB-Password" })).toEqual({
      name: `${GROUP}:Team/DB-Password`,
      provider: "aws",
      source: { secretId: `${GROUP}:Team/DB-Password` },
      files: [{ path: `${GROUP}:/team/db-password` }],
    });
  });

  test("the key of a JSON secret, behind a `#`", async () => {
    expect(await itemFor({ key: "warehouse#Password#2" })).toMatchObject({
      name: `${GROUP}:warehouse#Password#2`,
      source: { secretId: `${GROUP}:warehouse`, jsonKey: "Password#2" },
      files: [{ path: `${GROUP}/warehouse#password#2` }],
    });
  });

  test.each([
    ["AWSPREVIOUS", { versionStage: "AWSPREVIOUS" }],
    ["7c1f0e0a-8f7f-4f0e-9b6a-0d3f2b1c4d5e", { versionId: "7c1f0e0a-8f7f-4f0e-9b6a-0d3f2b1c4d5e" }],
  ])("the version that group_version names: %s", async (groupVersion, version) => {
    expect(await itemFor({ groupVersion })).toHaveProperty("source", { secretId: `${GROUP}:name`, ...version });
  });

  test("how to speak to AWS", async () => {
    const settings = { region: "eu-west-1", credentials: ["web-identity"] };
    const { providers } = readFetchRequest(await admittedWith([{ group: GROUP, key: "name" }], settings));
    expect(providers).toEqual({ aws: { use: "aws-secretsmanager", settings } });
  });
});

test.each<[string, RequestFields, string, string | undefined]>([
  ["what is no ARN", { group: "prod/db", key: "x" }, '"prod/db:x" is no ARN of AWS Secrets Manager', undefined],
  [
    "what is nearly one",
    { key: "a b" },
    `"${GROUP}:a b" is no ARN of AWS Secrets Manager`,
    "Set group to the ARN up to `:secret`, and key to the name of the secret.",
  ],
  [
    "a region that AWS cannot have",
    { group: "arn:aws:secretsmanager:nowhere:123456789012:secret" },
    '"arn:aws:secretsmanager:nowhere:123456789012:secret:name" is no ARN of AWS Secrets Manager',
    "Set group to the ARN up to `:secret`, and key to the name of the secret.",
  ],
  ["an empty key of JSON", { key: "a#" }, '"" is no key of a JSON secret', "Set key to NAME#KEY, or to NAME alone."],
  [
    "a version that AWS cannot have",
    { groupVersion: "a b" },
    '"a b" is no version of a secret of AWS',
    "Set group_version to the label or the id of a version, or leave it out for the current one.",
  ],
  [
    "an env var",
    { mountRequirement: "ENV_VAR" },
    "secrets that an init container fetches are files here, not env vars",
    "Ask for it as FILE or ANY; env_var then holds the path of the file.",
  ],
])("%s is left to the next manager", async (_what, fields, reason, fix) => {
  expect(await answerTo({ group: GROUP, key: "name", ...fields }, injector)).toEqual({
    outcome: "skipped",
    reason,
    fix,
  });
});

test("the API server may call again: nothing is left to do", async () => {
  const pod = await admittedWith([
    { group: GROUP, key: "a", envVar: "A_FILE" },
    { group: GROUP, key: "b#c" },
  ]);
  expect(await admitPod(asReinvoked(pod), [injector])).toMatchObject({ outcome: "unchanged" });
});

test("the program takes every option and every form of a request, and then lacks an identity only", async () => {
  const requests = [
    { group: GROUP, key: "a" },
    { group: GROUP, key: "b#c", groupVersion: "AWSPREVIOUS" },
    { group: GROUP, key: "d", groupVersion: "7c1f0e0a-8f7f-4f0e-9b6a-0d3f2b1c4d5e" },
  ];
  const endpoints = { secretsmanager: "https://127.0.0.1:9", sts: "http://127.0.0.1:9", kms: "http://127.0.0.1:9/x" };
  const assumeRole = { arn: "arn:aws:iam::123456789012:role/a/b", externalId: "id", sessionName: "session" };
  const rest = { region: "us-east-2", credentials: ["env"], allowHttp: true };
  const pod = await admittedWith(requests, { ...rest, endpoints, assumeRole });
  const { status, stderr } = runFetchProgram(pod, PROGRAM);
  expect(stderr).toContain(`fetch/unauthenticated: secret "${GROUP}:`);
  expect(status).toBe(11);
});
