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

const VAULT = "https://my-vault.vault.azure.net";
const SECRET = `${VAULT}/secrets/Warehouse`;
const VERSION = "0123456789abcdef0123456789abcdef";
const OPTIONS = {
  mode: "fetch",
  fetcher: { image: "registry.example.com/pod-secrets-fetch:1" },
  settings: { vault: VAULT },
};
const PROGRAM = join(import.meta.dirname, "../../secret-fetch/src/main.ts");

async function admittedWith(requests: readonly RequestFields[], options: object = {}): Promise<Pod> {
  const injector = await openInjector(plugin, { ...OPTIONS, ...options });
  return admittedPod(withRequests(testPod(), secretRequests(requests)), [injector]);
}

describe("the init container is told the secret, and the file where the task looks", () => {
  test.each<[string, RequestFields, string, object, string]>([
    ["the current version", { group: SECRET }, SECRET, { secret: SECRET }, "warehouse"],
    [
      "one version",
      { group: SECRET, groupVersion: VERSION },
      `${SECRET}/${VERSION}`,
      { secret: SECRET, version: VERSION },
      `warehouse/${VERSION}`,
    ],
    [
      "a key of a JSON secret",
      { group: SECRET, key: "User Name" },
      `${SECRET}#User Name`,
      { secret: SECRET, jsonKey: "User Name" },
      "warehouse/user name",
    ],
    [
      "a key of one version",
      { group: SECRET, groupVersion: VERSION, key: "Password" },
      `${SECRET}/${VERSION}#Password`,
      { secret: SECRET, version: VERSION, jsonKey: "Password" },
      `warehouse/${VERSION}/password`,
    ],
    ["the vault that is configured", { group: "Warehouse" }, "Warehouse", { secret: "Warehouse" }, "warehouse"],
    [
      "one secret, however its address is written",
      { group: "https://MY-VAULT.vault.azure.net/secrets/Warehouse/" },
      SECRET,
      { secret: SECRET },
      "warehouse",
    ],
  ])("%s", async (_what, fields, name, source, path) => {
    expect(readFetchRequest(await admittedWith([fields])).items).toEqual([
      { name, provider: "azure", source, files: [{ path }] },
    ]);
  });

  test("how to speak to Azure", async () => {
    const settings = { clientId: "00000000-1111-2222-3333-444444444444", managedIdentity: true };
    const { providers } = readFetchRequest(await admittedWith([{ group: SECRET }], { settings }));
    expect(providers).toEqual({ azure: { use: "azure-keyvault", settings } });
  });
});

test.each<[string, readonly RequestFields[]]>([
  ["a whole secret and a key of it", [{ group: "db" }, { group: "db", key: "password" }]],
  ["secrets of one name in two vaults", [{ group: "db" }, { group: "https://other.vault.azure.net/secrets/db" }]],
  ["secrets that differ only by case", [{ group: "db" }, { group: "DB" }]],
])("%s are one path, and refused", async (_what, asks) => {
  const injector = await openInjector(plugin, OPTIONS);
  for (const requests of [asks, asks.toReversed()]) {
    const mutation = await admitPod(withRequests(testPod(), secretRequests(requests)), [injector]);
    expect(mutation).toMatchObject({ outcome: "refused", code: "E_FILE_COLLISION" });
  }
});

const ADDRESS =
  "Set group to https://VAULT.vault.azure.net/secrets/NAME, and group_version to the id of a version, or leave it out.";

test.each<[string, RequestFields, string, string | undefined]>([
  ["a name that no secret there can have", { group: "db_x" }, '"db_x" is no secret of Azure Key Vault', undefined],
  [
    "a version in the address",
    { group: `${SECRET}/${VERSION}` },
    `"${SECRET}/${VERSION}" is no secret of Azure Key Vault`,
    ADDRESS,
  ],
  [
    "a host that would get the pod's token",
    { group: "https://vault.azure.net.example.com/secrets/db" },
    '"https://vault.azure.net.example.com/secrets/db" is no secret of Azure Key Vault',
    ADDRESS,
  ],
  [
    "a version that cannot be",
    { groupVersion: "3" },
    'group_version "3" is no version of a secret in Azure Key Vault',
    "Set group_version to the id of a version, 32 hexadecimal digits, or leave it out for the current one.",
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
    "secrets of Azure Key Vault are files here, not env vars",
    undefined,
  ],
])("%s is left to the next manager", async (_what, fields, reason, fix) => {
  const answer = await answerTo({ group: "db", ...fields }, await openInjector(plugin, OPTIONS));
  expect(answer).toEqual({ outcome: "skipped", reason, fix });
});

test("a name alone is another manager's where no vault is configured", async () => {
  const injector = await openInjector(plugin, { ...OPTIONS, settings: {} });
  expect(await answerTo({ group: "db" }, injector)).toMatchObject({ outcome: "skipped" });
  expect(await answerTo({ group: SECRET }, injector)).toMatchObject({ outcome: "injected" });
});

test("the vault that is configured may be elsewhere, and be named in full", async () => {
  const vault = "https://vault.internal.example.com:8443";
  const pod = await admittedWith([{ group: `${vault}/secrets/db` }], { settings: { vault } });
  expect(readFetchRequest(pod).items).toMatchObject([{ source: { secret: `${vault}/secrets/db` } }]);
});

test("the API server may call again: nothing is left to do", async () => {
  const pod = await admittedWith([
    { group: SECRET, key: "a", envVar: "A_FILE" },
    { group: "db", groupVersion: VERSION },
  ]);
  expect(await admitPod(asReinvoked(pod), [await openInjector(plugin, OPTIONS)])).toMatchObject({
    outcome: "unchanged",
  });
});

test("the program takes every option and every form of a request, and then lacks an identity only", async () => {
  const settings = {
    vault: "http://127.0.0.1:9",
    tenantId: "example.onmicrosoft.com",
    clientId: "00000000-1111-2222-3333-444444444444",
    tokenFile: "/nonexistent/token",
    authority: "http://127.0.0.1:9",
    managedIdentity: false,
    allowHttp: true,
  };
  const requests = [
    { group: SECRET },
    { group: "https://other.vault.azure.cn/secrets/x", groupVersion: VERSION },
    { group: "https://gov.vault.usgovcloudapi.net/secrets/y", key: "User Name" },
    { group: "name-alone" },
  ];
  const pod = await admittedWith(requests, { settings });
  const { status, stderr } = runFetchProgram(pod, PROGRAM);
  expect(stderr).toContain("fetch/unauthenticated: ");
  expect(status).toBe(11);
});
