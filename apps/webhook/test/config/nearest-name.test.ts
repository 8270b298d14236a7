import { expect, it } from "vitest";

import { nearestName } from "../../src/config/nearest-name.ts";

const NAMES = ["k8s", "aws", "vault-kv1", "vault-kv2", "vault-db", "certificates"];

it.each([
  ["vualt-kv2", "vault-kv2"],
  ["vault-kv", "vault-kv1"],
  ["vaultkv2", "vault-kv2"],
  ["VAULT-DB", "vault-db"],
  ["k8", "k8s"],
  ["ks8", "k8s"],
  ["certficates", "certificates"],
  ["certificate", "certificates"],
])("%s is probably %s", (name, nearest) => {
  expect(nearestName(name, NAMES)).toBe(nearest);
});

it.each(["", "confidant", "x", "kubernetes", "a".repeat(1_000_000)])("%.20s is like none", (name) => {
  expect(nearestName(name, NAMES)).toBeUndefined();
});
