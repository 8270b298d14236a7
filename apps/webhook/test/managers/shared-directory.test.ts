/** Managers whose files meet in one directory. */
import { expect, test } from "vitest";

import { podAsking } from "./asking.ts";
import { admitted, composedOf } from "./composed.ts";

const { settings } = await composedOf(
  "global: false\nmanagers: [{ use: vault-kv2, options: { unversioned: false } }, { use: k8s }]",
);
const VAULT = { group: "secret/data/app", key: "password", groupVersion: "kv2" };
const K8S = { group: "secret", key: "password" };

test.each([
  ["Vault first", [VAULT, K8S]],
  ["Kubernetes first", [K8S, VAULT]],
])("a Kubernetes Secret whose directory would hide a Vault file is refused: %s", async (_, asks) => {
  expect(await admitted(podAsking(...asks), settings)).toMatchObject({ outcome: "refused", code: "E_MOUNT_CONFLICT" });
});

test("in directories beside each other both are given", async () => {
  const asks = [VAULT, { ...K8S, group: "other" }];
  expect(await admitted(podAsking(...asks), settings)).toMatchObject({ outcome: "changed" });
});
