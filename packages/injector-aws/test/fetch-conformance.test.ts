import { describeInjector, fetchedFiles, testPod } from "@pod-secrets/injector-testkit";

import plugin from "../src/index.ts";

const GROUP = "arn:aws:secretsmanager:us-east-2:123456789012:secret";

describeInjector(plugin, {
  options: { mode: "fetch", fetcher: { image: "registry.example.com/pod-secrets-fetch:1" } },
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
});
