import { describeInjector, fetchedFiles, testPod, type InjectorCases } from "@pod-secrets/injector-testkit";
import { describe } from "vitest";

import plugin from "../src/index.ts";

const GROUP = "arn:aws:secretsmanager:us-east-2:123456789012:secret";

const FETCHER = { image: "registry.example.com/pod-secrets-fetch:1" };

const cases: InjectorCases = {
  options: { mode: "fetch", fetcher: FETCHER },
  mounts: ["FILE"],
  injects: [
    { group: GROUP, key: "db-password" },
    { group: `${GROUP}:`, key: "prod/DB-Password-AbCdEf", mountRequirement: "FILE", envVar: "PASSWORD_FILE" },
    { group: GROUP, groupVersion: "AWSPREVIOUS", key: "warehouse#Password", mountRequirement: "FILE" },
  ],
  skips: [
    { key: "db-password" },
    { group: GROUP },
    { group: "prod/db", key: "password" },
    { group: GROUP, key: "db-password", mountRequirement: "ENV_VAR" },
    { group: GROUP, key: "db password" },
    { group: GROUP, key: "db-password#" },
    { group: GROUP, key: "db-password", groupVersion: "a b" },
  ],
  refuses: [
    { group: GROUP, key: "../db-password", code: "E_PATH_UNSAFE" },
    { group: GROUP, key: "..db-password", code: "E_PATH_UNSAFE" },
    { group: GROUP, key: "db-password", envVar: "LD_PRELOAD", code: "E_ENV_FORBIDDEN" },
    { group: GROUP, key: "db-password", pod: testPod({ os: { name: "windows" } }), code: "E_POD_INVALID" },
  ],
  nth: (index) => ({ group: GROUP, key: `prod/DB-Password-${index}`, mountRequirement: "FILE" }),
  files: fetchedFiles,
};

describe("files only", () => {
  describeInjector(plugin, cases);
});

describe("env vars by fileKeyRef, and a sidecar that refreshes", () => {
  describeInjector(plugin, {
    ...cases,
    options: { mode: "fetch", fetcher: { ...FETCHER, envVars: "fileKeyRef", refresh: {} } },
    mounts: ["FILE", "ENV_VAR"],
    injects: [
      ...cases.injects,
      { group: GROUP, key: "db-password", mountRequirement: "ENV_VAR", envVar: "PASSWORD" },
      { group: GROUP, key: "prod/DB-Password#User Name", mountRequirement: "ENV_VAR" },
    ],
    skips: cases.skips?.filter(({ mountRequirement }) => mountRequirement !== "ENV_VAR") ?? [],
    refuses: [
      ...(cases.refuses ?? []),
      { group: GROUP, key: "warehouse#é", mountRequirement: "ENV_VAR", code: "E_ENV_NAME" },
    ],
  });
});
