import { openInjector } from "@pod-secrets/injector-testkit";
import { describe, expect, test } from "vitest";

import { vaultDbOptions } from "../src/index.ts";
import plugin from "../src/index.ts";

test("without any options it is Flyte's manager, but for what would go wrong", () => {
  expect(vaultDbOptions.parse({})).toEqual({ role: "flyte", annotations: {}, fileCase: "lower" });
});

describe("options that would keep secrets from their pods are refused, by name", () => {
  test.each<[string, unknown]>([
    ["role", { role: "" }],
    ["role", { role: "a\nb" }],
    ["fileCase", { fileCase: "upper" }],
    ["unversioned", { unversioned: true }],
    ["annotations.vault.hashicorp.com/agent-inject", { annotations: { "vault.hashicorp.com/agent-inject": "false" } }],
    [
      "annotations.vault.hashicorp.com/agent-inject-status",
      { annotations: { "vault.hashicorp.com/agent-inject-status": "injected" } },
    ],
    ["annotations.no key", { annotations: { "no key": "x" } }],
    ["annotations.vault.hashicorp.com/role", { annotations: { "vault.hashicorp.com/role": 7 } }],
    ["annotations.vault.hashicorp.com/role", { annotations: { "vault.hashicorp.com/role": "a\u0000b" } }],
    ["Role", { Role: "flyte" }],
  ])("%s", async (name, options) => {
    await expect(openInjector(plugin, options)).rejects.toThrow(name);
  });
});
