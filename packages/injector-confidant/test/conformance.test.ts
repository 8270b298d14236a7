import { describeInjector, fetchedFiles, type InjectorCases } from "@pod-secrets/injector-testkit";
import { describe } from "vitest";

import plugin from "../src/index.ts";

const FETCHER = { image: "registry.example.com/pod-secrets-fetch:1" };
const OPTIONS = {
  url: "https://confidant.example.com",
  auth: { key: "alias/authnz-production", to: "confidant-production" },
  fetcher: FETCHER,
};

const cases: InjectorCases = {
  options: OPTIONS,
  mounts: ["FILE"],
  injects: [
    { group: "db-creds", key: "password" },
    { group: "Warehouse DB", key: "Password", mountRequirement: "FILE", envVar: "PASSWORD_FILE" },
    { group: "team/db", groupVersion: "7", key: "user", mountRequirement: "FILE" },
  ],
  skips: [
    { key: "password" },
    { group: "db-creds" },
    { group: "db-creds", key: "password", mountRequirement: "ENV_VAR" },
    { group: "db-creds", key: "password", groupVersion: "kv2" },
    { group: "db-creds", key: "password", groupVersion: "0" },
    { group: "arn:aws:secretsmanager:us-east-2:123456789012:secret", key: "password" },
    { group: "a\nb", key: "password" },
  ],
  refuses: [
    { group: "..", key: "password", code: "E_PATH_UNSAFE" },
    { group: "db-creds", key: "..password", code: "E_PATH_UNSAFE" },
    { group: "db-creds", key: "password", envVar: "LD_PRELOAD", code: "E_ENV_FORBIDDEN" },
  ],
  nth: (index) => ({ group: `DB Creds ${index % 7}`, key: `Key-${index}`, mountRequirement: "FILE" }),
  files: fetchedFiles,
};

describe("files only", () => {
  describeInjector(plugin, cases);
});

describe("env vars by fileKeyRef, and a sidecar that refreshes", () => {
  describeInjector(plugin, {
    ...cases,
    options: { ...OPTIONS, fetcher: { ...FETCHER, envVars: "fileKeyRef", refresh: { seconds: 60 } } },
    mounts: ["FILE", "ENV_VAR"],
    injects: [
      ...cases.injects,
      { group: "db-creds", key: "password", mountRequirement: "ENV_VAR", envVar: "PASSWORD" },
      { group: "Warehouse DB", groupVersion: "7", key: "User", mountRequirement: "ENV_VAR" },
    ],
    skips: cases.skips?.filter(({ mountRequirement }) => mountRequirement !== "ENV_VAR") ?? [],
    refuses: [
      ...(cases.refuses ?? []),
      { group: "Größe", key: "password", mountRequirement: "ENV_VAR", code: "E_ENV_NAME" },
    ],
  });
});
