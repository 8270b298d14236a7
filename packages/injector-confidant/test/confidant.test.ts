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

import plugin, { confidantOptions } from "../src/index.ts";

const FETCHER = { image: "registry.example.com/pod-secrets-fetch:1" };
const AUTH = { key: "alias/authnz-production", to: "confidant-production" };
const OPTIONS = { url: "https://confidant.example.com", auth: AUTH, fetcher: FETCHER };

const PROGRAM = join(import.meta.dirname, "../../secret-fetch/src/main.ts");

async function admittedWith(requests: readonly RequestFields[], options: object = OPTIONS): Promise<Pod> {
  return admittedPod(withRequests(testPod(), secretRequests(requests)), [await openInjector(plugin, options)]);
}

async function itemsFor(...requests: readonly RequestFields[]): Promise<readonly unknown[]> {
  return readFetchRequest(await admittedWith(requests)).items;
}

describe("the init container is told", () => {
  test("credential, key and revision, and the file where flytekit looks", async () => {
    expect(await itemsFor({ group: "Warehouse DB", key: "Password", groupVersion: "12" })).toEqual([
      {
        name: "Warehouse DB/password",
        provider: "confidant",
        source: { credential: "Warehouse DB", key: "password", revision: 12 },
        files: [{ path: "warehouse db/password" }],
      },
    ]);
  });

  test("one value once, in whatever letters its key is written", async () => {
    expect(await itemsFor({ group: "db", key: "Password" }, { group: "db", key: "PASSWORD" })).toHaveLength(1);
  });

  test("which Confidant, and how to prove who the pod is", async () => {
    const options = { ...OPTIONS, service: "orders", auth: { ...AUTH, region: "eu-west-1", tokenMinutes: 30 } };
    expect(readFetchRequest(await admittedWith([{ group: "db", key: "x" }], options)).providers).toEqual({
      confidant: {
        use: "confidant",
        settings: {
          url: "https://confidant.example.com",
          service: "orders",
          auth: { method: "kmsauth", ...AUTH, tokenMinutes: 30, region: "eu-west-1" },
        },
      },
    });
  });
});

test("two credentials that differ by case only are one file, and refused", async () => {
  const pod = withRequests(
    testPod(),
    secretRequests([
      { group: "db", key: "x" },
      { group: "DB", key: "x" },
    ]),
  );
  const mutation = await admitPod(pod, [await openInjector(plugin, OPTIONS)]);
  expect(mutation).toMatchObject({ outcome: "refused", code: "E_FILE_COLLISION" });
});

test.each<[string, RequestFields, string, string | undefined]>([
  ["an env var", { mountRequirement: "ENV_VAR" }, "credentials of Confidant are files here, not env vars", undefined],
  [
    "an env var of a revision",
    { mountRequirement: "ENV_VAR", groupVersion: "3" },
    "secrets that an init container fetches are files here, not env vars",
    "Ask for it as FILE or ANY; env_var then holds the path of the file.",
  ],
  [
    "a revision that is none",
    { groupVersion: "1.5" },
    'group_version "1.5" is no revision of a credential, which is a number',
    "Set group_version to a number from 1 on, or leave it out.",
  ],
  [
    "an engine of Vault",
    { groupVersion: "kv2" },
    'group_version "kv2" is no revision of a credential, which is a number',
    undefined,
  ],
  ["an ARN", { group: "arn:aws:x" }, '"arn:aws:x" is an ARN, and no name of a credential', undefined],
])("%s is left to the next manager", async (_what, fields, reason, fix) => {
  const answer = await answerTo({ group: "db", key: "x", ...fields }, await openInjector(plugin, OPTIONS));
  expect(answer).toEqual({ outcome: "skipped", reason, fix });
});

test("the API server may call again: nothing is left to do", async () => {
  const pod = await admittedWith([
    { group: "db", key: "x", envVar: "X_FILE" },
    { group: "db", key: "y", groupVersion: "3" },
  ]);
  expect(await admitPod(asReinvoked(pod), [await openInjector(plugin, OPTIONS)])).toMatchObject({
    outcome: "unchanged",
  });
});

test("the program takes every option and every form of a request, and then lacks an identity only", async () => {
  const endpoints = { sts: "http://127.0.0.1:9", kms: "http://127.0.0.1:9" };
  const auth = { ...AUTH, version: 1, tokenMinutes: 30, region: "us-east-2", credentials: ["env"], endpoints };
  const options = { ...OPTIONS, url: "http://127.0.0.1:9/confidant", auth, service: "orders", allowHttp: true };
  const pod = await admittedWith(
    [
      { group: "Warehouse DB", key: "Password" },
      { group: "db", key: "x", groupVersion: "3" },
    ],
    options,
  );
  const { status, stderr } = runFetchProgram(pod, PROGRAM);
  expect(stderr).toMatch(/fetch\/unauthenticated: secret "(Warehouse DB\/password|db\/x)" from confidant/);
  expect(status).toBe(11);
});

test.each([
  [{ url: undefined }, ["url"]],
  [{ url: "confidant.example.com" }, ["url"]],
  [{ url: "http://confidant.example.com" }, ["url"]],
  [{ url: "https://user:secret@confidant.example.com" }, ["url"]],
  [{ auth: { to: "x" } }, ["auth", "key"]],
  [{ auth: { ...AUTH, tokenMinutes: 1 } }, ["auth", "tokenMinutes"]],
  [{ auth: { ...AUTH, method: "basic" } }, ["auth"]],
  [{ service: "../x" }, ["service"]],
  [{ fetcher: {} }, ["fetcher", "image"]],
  [{ caFile: "ca.pem" }, ["caFile"]],
])("options with %j are refused, and the place is named", (options, path) => {
  const { error } = confidantOptions.safeParse({ ...OPTIONS, ...options });
  expect(error?.issues[0]?.path).toEqual(path);
});
