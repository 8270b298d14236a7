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

const PROJECT = "projects/my-project/secrets/Warehouse";
const OPTIONS = {
  mode: "fetch",
  fetcher: { image: "registry.example.com/pod-secrets-fetch:1" },
  settings: { project: "my-project" },
};
const PROGRAM = join(import.meta.dirname, "../../secret-fetch/src/main.ts");

async function admittedWith(requests: readonly RequestFields[], options: object = {}): Promise<Pod> {
  const injector = await openInjector(plugin, { ...OPTIONS, ...options });
  return admittedPod(withRequests(testPod(), secretRequests(requests)), [injector]);
}

describe("the init container is told the secret, and the file where the task looks", () => {
  test.each<[string, RequestFields, string, object, string]>([
    [
      "a version",
      { group: "Token", groupVersion: "3" },
      "Token/versions/3",
      { secret: "Token", version: "3" },
      "token/3",
    ],
    ["the latest version", { group: "Token" }, "Token", { secret: "Token" }, "token"],
    [
      "a secret of another project",
      { group: PROJECT, groupVersion: "Blue" },
      `${PROJECT}/versions/Blue`,
      { secret: PROJECT, version: "Blue" },
      "projects/my-project/secrets/warehouse/blue",
    ],
    [
      "a key of a JSON secret",
      { group: "Warehouse", key: "User Name" },
      "Warehouse#User Name",
      { secret: "Warehouse", jsonKey: "User Name" },
      "warehouse/user name",
    ],
    [
      "a key of one version",
      { group: "Warehouse", groupVersion: "latest", key: "Password" },
      "Warehouse/versions/latest#Password",
      { secret: "Warehouse", version: "latest", jsonKey: "Password" },
      "warehouse/latest/password",
    ],
  ])("%s", async (_what, fields, name, source, path) => {
    expect(readFetchRequest(await admittedWith([fields])).items).toEqual([
      { name, provider: "gcp", source, files: [{ path }] },
    ]);
  });

  test("how to speak to Google Cloud", async () => {
    const settings = { project: "my-project", url: "https://secretmanager.example.com" };
    const { providers } = readFetchRequest(await admittedWith([{ group: "Token" }], { settings }));
    expect(providers).toEqual({ gcp: { use: "gcp-secretmanager", settings } });
  });
});

test.each<[string, readonly RequestFields[]]>([
  ["a whole secret and a key of it", [{ group: "db" }, { group: "db", key: "password" }]],
  [
    "a version and a key of its name",
    [
      { group: "db", groupVersion: "latest" },
      { group: "db", key: "LATEST" },
    ],
  ],
  ["secrets that differ only by case", [{ group: "db" }, { group: "DB" }]],
])("%s are one path, and refused", async (_what, asks) => {
  const injector = await openInjector(plugin, OPTIONS);
  for (const requests of [asks, asks.toReversed()]) {
    const mutation = await admitPod(withRequests(testPod(), secretRequests(requests)), [injector]);
    expect(mutation).toMatchObject({ outcome: "refused", code: "E_FILE_COLLISION" });
  }
});

test.each<[string, RequestFields, string, string | undefined]>([
  ["a name that nobody there can have", { group: "db/x" }, '"db/x" is no name of a secret in Google Cloud', undefined],
  [
    "what is nearly a full name",
    { group: "projects/my-project/secret/x" },
    '"projects/my-project/secret/x" is no name of a secret in Google Cloud',
    "Set group to projects/PROJECT/secrets/NAME, or projects/PROJECT/locations/LOCATION/secrets/NAME for a regional one.",
  ],
  [
    "a version that cannot be",
    { groupVersion: "1.5" },
    'group_version "1.5" is no version of a secret in Google Cloud',
    "Set group_version to the number or an alias of a version, or to `latest`.",
  ],
  [
    "a key that cannot be",
    { key: "a\nb" },
    String.raw`"a\nb" is no key of a JSON secret`,
    "Set key to a key of the JSON object, or leave it out.",
  ],
  [
    "an env var that may be anybody's",
    { mountRequirement: "ENV_VAR" },
    "secrets of Google Cloud are files here, not env vars",
    undefined,
  ],
])("%s is left to the next manager", async (_what, fields, reason, fix) => {
  const answer = await answerTo({ group: "db", ...fields }, await openInjector(plugin, OPTIONS));
  expect(answer).toEqual({ outcome: "skipped", reason, fix });
});

test("a name without a project is another manager's where none is configured", async () => {
  const injector = await openInjector(plugin, { ...OPTIONS, settings: {} });
  expect(await answerTo({ group: "db" }, injector)).toEqual({
    outcome: "skipped",
    reason: '"db" names no project of Google Cloud, and none is configured',
  });
  expect(await answerTo({ group: PROJECT }, injector)).toMatchObject({ outcome: "injected" });
});

test("the API server may call again: nothing is left to do", async () => {
  const pod = await admittedWith([
    { group: "db", key: "a", envVar: "A_FILE" },
    { group: PROJECT, groupVersion: "3" },
  ]);
  expect(await admitPod(asReinvoked(pod), [await openInjector(plugin, OPTIONS)])).toMatchObject({
    outcome: "unchanged",
  });
});

test("the program takes every option and every form of a request, and then lacks an identity only", async () => {
  const settings = {
    project: "example.com:my-project",
    url: "http://127.0.0.1:9",
    metadataUrl: "http://127.0.0.1:9",
    credentialsFile: "/nonexistent/credentials.json",
    allowHttp: true,
  };
  const requests = [
    { group: "Token", groupVersion: "3" },
    { group: "projects/1234/secrets/x", groupVersion: "latest" },
    { group: "projects/my-project/locations/europe-west1/secrets/x", groupVersion: "blue_1-x" },
    { group: "Warehouse", key: "User Name" },
  ];
  const pod = await admittedWith(requests, { settings });
  const { status, stderr } = runFetchProgram(pod, PROGRAM);
  expect(stderr).toContain("fetch/unauthenticated: ");
  expect(status).toBe(11);
});
