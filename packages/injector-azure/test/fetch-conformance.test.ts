import type { SecretRequest } from "@pod-secrets/core";
import { describeInjector, fetchedFiles, testPod, type InjectorCases } from "@pod-secrets/injector-testkit";
import { describe } from "vitest";

import plugin from "../src/index.ts";

const VAULT = "https://my-vault.vault.azure.net";
const VERSION = "0123456789abcdef0123456789ABCDEF";
const FETCHER = { image: "registry.example.com/pod-secrets-fetch:1" };
const SETTINGS = { vault: VAULT };

function nameIn({ group }: SecretRequest): string {
  return /\/secrets\/([^/]*)/.exec(group)?.[1] ?? group;
}

const cases: InjectorCases = {
  options: { mode: "fetch", fetcher: FETCHER, settings: SETTINGS },
  mounts: ["FILE"],
  injects: [
    { group: `${VAULT}/secrets/Warehouse-Password` },
    { group: `${VAULT}/secrets/token/`, groupVersion: VERSION, mountRequirement: "FILE" },
    {
      group: "https://Other1.vault.azure.cn/secrets/db",
      key: "User Name",
      envVar: "USER_FILE",
      mountRequirement: "FILE",
    },
    { group: "API-key", mountRequirement: "FILE" },
    { group: "warehouse", groupVersion: VERSION, key: "password" },
  ],
  skips: [
    { key: "password" },
    { group: "ware house" },
    { group: "warehouse", groupVersion: "3" },
    { group: "warehouse", key: "a\nb" },
    { group: "warehouse", mountRequirement: "ENV_VAR" },
    { group: `${VAULT}/secrets/x`, mountRequirement: "ENV_VAR" },
    { group: `${VAULT}/secrets/x/${VERSION}` },
    { group: "https://evil.example.com/secrets/x" },
    { group: "http://my-vault.vault.azure.net/secrets/x" },
  ],
  refuses: [
    { group: "warehouse", key: "../password", code: "E_PATH_UNSAFE" },
    { group: "warehouse", key: "..password", code: "E_PATH_UNSAFE" },
    { group: "warehouse", envVar: "LD_PRELOAD", code: "E_ENV_FORBIDDEN" },
    { group: "warehouse", pod: testPod({ os: { name: "windows" } }), code: "E_POD_INVALID" },
  ],
  nth: (index) => ({ group: `${VAULT}/secrets/Secret-${index}`, mountRequirement: "FILE" }),
  files: fetchedFiles,
  lookup: (request) => ({ group: nameIn(request), groupVersion: request.groupVersion, key: request.key }),
};

describe("files only", () => {
  describeInjector(plugin, cases);
});

describe("env vars by fileKeyRef, and a sidecar that refreshes", () => {
  describeInjector(plugin, {
    ...cases,
    options: { mode: "fetch", fetcher: { ...FETCHER, envVars: "fileKeyRef", refresh: {} }, settings: SETTINGS },
    mounts: ["FILE", "ENV_VAR"],
    injects: [
      ...cases.injects,
      { group: `${VAULT}/secrets/warehouse`, key: "Password", mountRequirement: "ENV_VAR", envVar: "PASSWORD" },
      { group: "Token", mountRequirement: "ENV_VAR" },
    ],
    skips: cases.skips?.filter(({ mountRequirement }) => mountRequirement !== "ENV_VAR") ?? [],
  });
});
