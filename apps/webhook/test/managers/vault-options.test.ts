/** Options of the managers of Vault, each by itself. */
import vaultDb from "@pod-secrets/injector-vault-db";
import vaultKv1 from "@pod-secrets/injector-vault-kv1";
import vaultKv2 from "@pod-secrets/injector-vault-kv2";
import { openInjector } from "@pod-secrets/injector-testkit";
import { describe, expect, test } from "vitest";

type Refused = readonly [named: string, options: unknown];

const AGENT_DEFAULTS = { role: "flyte", annotations: {}, fileCase: "lower" };
const REFUSED_BY_ALL: readonly Refused[] = [
  ["role", { role: "" }],
  ["role", { role: "a\nb" }],
  ["fileCase", { fileCase: "upper" }],
  ["annotations.vault.hashicorp.com/agent-inject", { annotations: { "vault.hashicorp.com/agent-inject": "false" } }],
  [
    "annotations.vault.hashicorp.com/agent-inject-status",
    { annotations: { "vault.hashicorp.com/agent-inject-status": "injected" } },
  ],
  ["annotations.no key", { annotations: { "no key": "x" } }],
  ["annotations.vault.hashicorp.com/role", { annotations: { "vault.hashicorp.com/role": 7 } }],
  ["annotations.vault.hashicorp.com/role", { annotations: { "vault.hashicorp.com/role": "a\u0000b" } }],
  ["Role", { Role: "flyte" }],
];

const KEY_VALUE_DEFAULTS = { ...AGENT_DEFAULTS, errorOnMissingKey: true, errorOnNull: false };
const REFUSED_BY_KEY_VALUE: readonly Refused[] = [
  ["unversioned", { unversioned: "yes" }],
  ["errorOnMissingKey", { errorOnMissingKey: "no" }],
  ["errorOnNull", { errorOnNull: "yes" }],
];

// A file is the whole answer of Vault: no key can be missing in it. Without "db" nothing says that it is a role.
const REFUSED_BY_DATABASE: readonly Refused[] = [
  ["unversioned", { unversioned: true }],
  ["errorOnMissingKey", { errorOnMissingKey: true }],
];

describe.each([
  { plugin: vaultKv1, defaults: { ...KEY_VALUE_DEFAULTS, unversioned: false }, refused: REFUSED_BY_KEY_VALUE },
  { plugin: vaultKv2, defaults: { ...KEY_VALUE_DEFAULTS, unversioned: true }, refused: REFUSED_BY_KEY_VALUE },
  { plugin: vaultDb, defaults: AGENT_DEFAULTS, refused: REFUSED_BY_DATABASE },
])("options of $plugin.name", ({ plugin, defaults, refused }) => {
  test("without any options it is Flyte's manager, but for what would go wrong", async () => {
    expect(await plugin.options["~standard"].validate({})).toEqual({ value: defaults });
  });

  test.each([...REFUSED_BY_ALL, ...refused])(
    "%s is refused by name when it would keep secrets from their pods: %j",
    async (named, options) => {
      await expect(openInjector(plugin, options)).rejects.toThrow(named);
    },
  );
});
