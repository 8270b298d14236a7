import { describeInjector, testPod, vaultAgentFiles } from "@pod-secrets/injector-testkit";

import plugin from "../src/index.ts";

const withoutToken = testPod({ automountServiceAccountToken: false });
const withoutAgent = testPod({}, { annotations: { "vault.hashicorp.com/agent-inject": "false" } });

describeInjector(plugin, {
  injects: [
    { group: "secret/data/app", key: "password" },
    { group: "secret/app", groupVersion: "kv2", key: "API-Key", mountRequirement: "FILE", envVar: "KEY_FILE" },
    { group: "Secret/App?version=3", groupVersion: "kv2", key: "token.v1", mountRequirement: "FILE" },
  ],
  skips: [
    { key: "password" },
    { group: "secret/app" },
    { group: "secret/app", key: "password", mountRequirement: "ENV_VAR" },
    { group: "secret/app", key: "password", groupVersion: "kv1" },
    { group: "secret/app", key: "password", groupVersion: "KV2" },
    { group: "../app", key: "password" },
  ],
  refuses: [
    { group: "secret/app", key: "../password", code: "E_PATH_UNSAFE" },
    { group: "secret/app", key: "password", pod: withoutToken, code: "vault-kv2/no-service-account-token" },
    { group: "secret/app", key: "password", pod: withoutAgent, code: "E_ANNOTATION_CONFLICT" },
  ],
  nth: (index) => ({ group: `secret/data/App-${index % 7}`, key: `Key-${index}`, mountRequirement: "FILE" }),
  files: vaultAgentFiles,
});
