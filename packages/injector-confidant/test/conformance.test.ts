import { describeInjector, fetchedFiles } from "@pod-secrets/injector-testkit";

import plugin from "../src/index.ts";

describeInjector(plugin, {
  options: {
    url: "https://confidant.example.com",
    auth: { key: "alias/authnz-production", to: "confidant-production" },
    fetcher: { image: "registry.example.com/pod-secrets-fetch:1" },
  },
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
});
