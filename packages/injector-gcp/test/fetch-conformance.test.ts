import { describeInjector, fetchedFiles, testPod, type InjectorCases } from "@pod-secrets/injector-testkit";
import { describe } from "vitest";

import plugin from "../src/index.ts";

const SETTINGS = { project: "my-project" };
const FETCHER = { image: "registry.example.com/pod-secrets-fetch:1" };

const cases: InjectorCases = {
  options: { mode: "fetch", fetcher: FETCHER, settings: SETTINGS },
  mounts: ["FILE"],
  injects: [
    { group: "Warehouse_Password", groupVersion: "3" },
    { group: "warehouse", key: "Password", mountRequirement: "FILE", envVar: "PASSWORD_FILE" },
    { group: "projects/111111111111/secrets/mainSecret", mountRequirement: "FILE" },
    { group: "projects/my-project/locations/europe-west1/secrets/db", groupVersion: "latest", key: "user name" },
    { group: "Token", mountRequirement: "FILE" },
  ],
  skips: [
    { key: "password" },
    { group: "warehouse", key: "password", mountRequirement: "ENV_VAR" },
    { group: "projects/my-project/secrets/x", mountRequirement: "ENV_VAR" },
    { group: "ware house", groupVersion: "3" },
    { group: "warehouse", groupVersion: "0" },
    { group: "warehouse", groupVersion: "1; id" },
    { group: "warehouse", key: "a\nb" },
    { group: "projects/P/secrets/x" },
  ],
  refuses: [
    { group: "warehouse", key: "../password", code: "E_PATH_UNSAFE" },
    { group: "warehouse", key: "..password", code: "E_PATH_UNSAFE" },
    { group: "warehouse", envVar: "LD_PRELOAD", code: "E_ENV_FORBIDDEN" },
    { group: "warehouse", pod: testPod({ os: { name: "windows" } }), code: "E_POD_INVALID" },
  ],
  nth: (index) => ({ group: `Secret_${index % 50}`, groupVersion: `${index + 1}`, mountRequirement: "FILE" }),
  files: fetchedFiles,
  lookup: ({ group, groupVersion, key }) => ({ group, groupVersion, key }),
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
      { group: "warehouse", key: "Password", mountRequirement: "ENV_VAR", envVar: "PASSWORD" },
      { group: "Token", groupVersion: "2", mountRequirement: "ENV_VAR" },
      { group: "Token", mountRequirement: "ENV_VAR" },
    ],
    skips: cases.skips?.filter(({ mountRequirement }) => mountRequirement !== "ENV_VAR") ?? [],
  });
});
