import type { Pod, SecretRequest } from "@pod-secrets/core";
import { describeInjector } from "@pod-secrets/injector-testkit";

import plugin from "../src/index.ts";

const VAULT = "https://my-vault.vault.azure.net";

/** What Flyte's script writes: the file at its end. */
function filesOf({ spec }: Pod): readonly string[] {
  const scripts = (spec?.initContainers ?? []).map(({ command = [] }) => command[2] ?? "");
  return scripts.flatMap((script) => / > (\S+)$/.exec(script)?.slice(1) ?? []);
}

function nameIn({ group }: SecretRequest): string {
  return /\/secrets\/([^/]*)/.exec(group)?.[1] ?? "";
}

describeInjector(plugin, {
  mounts: ["FILE"],
  injects: [
    { group: `${VAULT}/secrets/Warehouse-Password` },
    { group: `${VAULT}/secrets/token/`, groupVersion: "0123456789abcdef0123456789ABCDEF", mountRequirement: "FILE" },
    { group: "https://Other1.vault.azure.cn/secrets/tls", envVar: "TLS_FILE", mountRequirement: "FILE" },
    { group: "https://gov.vault.usgovcloudapi.net/secrets/tls2", key: "ignored", mountRequirement: "FILE" },
  ],
  skips: [
    { key: "password" },
    { group: "warehouse" },
    { group: `${VAULT}/secrets/x`, mountRequirement: "ENV_VAR" },
    { group: `${VAULT}/secrets/x`, groupVersion: "1; id" },
    { group: `${VAULT}/secrets/x`, groupVersion: "-x" },
    { group: `${VAULT}/secrets/x/0123456789abcdef0123456789abcdef` },
    { group: `${VAULT}/keys/x` },
    { group: "http://my-vault.vault.azure.net/secrets/x" },
    { group: "https://my-vault.managedhsm.azure.net/secrets/x" },
    { group: "https://evil.example.com/secrets/x" },
    { group: "https://my-vault.vault.azure.net.example.com/secrets/x" },
    { group: "https://user@my-vault.vault.azure.net/secrets/x" },
  ],
  refuses: [{ group: `${VAULT}/secrets/x`, envVar: "LD_PRELOAD", code: "E_ENV_FORBIDDEN" }],
  nth: (index) => ({ group: `${VAULT}/secrets/Secret-${index}`, mountRequirement: "FILE" }),
  files: filesOf,
  lookup: (request) => ({ group: nameIn(request), groupVersion: request.groupVersion, key: "" }),
});
