import { describeInjector, testPod, vaultAgentFiles } from "@pod-secrets/injector-testkit";

import plugin from "../src/index.ts";

const withoutToken = testPod({ automountServiceAccountToken: false });
const withoutAgent = testPod({}, { annotations: { "vault.hashicorp.com/agent-inject": "false" } });

describeInjector(plugin, {
  injects: [
    { group: "database/creds/app", groupVersion: "db", key: "login" },
    { group: "Database/Creds/App", groupVersion: "db", key: "Login.txt", mountRequirement: "FILE", envVar: "LOGIN" },
    { group: "aws/sts/app?ttl=1h", groupVersion: "db", key: "login", mountRequirement: "FILE" },
  ],
  skips: [
    { groupVersion: "db", key: "login" },
    { group: "database/creds/app", groupVersion: "db" },
    { group: "database/creds/app", groupVersion: "db", key: "login", mountRequirement: "ENV_VAR" },
    { group: "database/creds/app", key: "login" },
    { group: "database/creds/app", groupVersion: "kv2", key: "login" },
    { group: 'database/creds/"app', groupVersion: "db", key: "login" },
  ],
  refuses: [
    { group: "database/creds/app", groupVersion: "db", key: "../login", code: "E_PATH_UNSAFE" },
    {
      group: "database/creds/app",
      groupVersion: "db",
      key: "login",
      pod: withoutToken,
      code: "vault-db/no-service-account-token",
    },
    { group: "database/creds/app", groupVersion: "db", key: "login", pod: withoutAgent, code: "E_ANNOTATION_CONFLICT" },
  ],
  nth: (index) => ({
    group: `database/creds/App-${index % 7}`,
    groupVersion: "db",
    key: `Login-${index}`,
    mountRequirement: "FILE",
  }),
  files: vaultAgentFiles,
});
