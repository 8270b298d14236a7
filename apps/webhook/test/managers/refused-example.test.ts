/** A refusal names the manager that was meant, with its reason and its fix, however many others were asked. */
import { readFile } from "node:fs/promises";

import type { Pod, SecretAsk } from "@pod-secrets/core";
import { expect, test } from "vitest";
import { parse } from "yaml";

import { podAsking } from "./asking.ts";
import { admitted, composedFrom, composedOf } from "./composed.ts";

const examples = new URL("../../../../examples/", import.meta.url);
const config = new URL("config/all-managers.yaml", examples).pathname;
const example = parse(await readFile(new URL("pods/10-refused.yaml", examples), "utf8")) as Pod;

async function refusalOf(pod: Pod, file: string = config): Promise<string> {
  const composition = await composedFrom(file);
  const mutation = await admitted(pod, composition.settings);
  await composition.dispose();
  if (mutation.outcome !== "refused") throw new Error(mutation.outcome);
  return mutation.message;
}

/** What the message says about each secret. */
function entriesOf(message: string): readonly string[] {
  return message.split(/:? \(\d\) /).slice(1);
}

test("the refused example tells for each secret the reason that matters, and its fix uncut", async () => {
  const [vault, k8s, forbidden, ...more] = entriesOf(await refusalOf(example));
  expect(vault).toContain("[flyte.secrets/s0]: vault-kv2: Vault secrets can only be files; ");
  expect(vault).toMatch(/\. Fix: Use FILE or ANY as mount requirement\.$/);
  expect(k8s).toContain('[flyte.secrets/s1]: k8s: no Secret can have the name "User Info"; ');
  expect(k8s).toMatch(
    /\. Fix: Set group to the name of a Secret in the pod's namespace: lower-case letters, digits, `-` and `\.`\.$/,
  );
  expect(forbidden).toMatch(
    /E_ENV_FORBIDDEN.*: env var LD_PRELOAD may not be set by a secret\. Fix: Choose another env_var\.$/,
  );
  expect(more).toEqual([]);
});

test("the same reason of several managers stands there once, with their names", async () => {
  const [entry] = entriesOf(await refusalOf(podAsking({ group: "user-info" })));
  expect(entry).toContain(
    "k8s, confidant, aws, global: the key is missing; vault-kv1, vault-kv2, vault-db, gcp: group_version is missing",
  );
  expect(entry).toMatch(/\. Fix: Set key in Secret\(group="\.\.\.", key="\.\.\."\)\.$/);
});

test.each<[string, SecretAsk, string, string]>([
  [
    "a misspelt engine",
    { group: "secret/data/app", key: "k", groupVersion: "KV-2", mountRequirement: "ENV_VAR" },
    'vault-kv2: group_version "KV-2" is not "kv2"; ',
    'Set group_version to "kv2".',
  ],
  [
    "what is nearly an ARN",
    { group: "arn:aws:secretsmanager:us-east-2:123456789012:secret", key: "a b", mountRequirement: "ENV_VAR" },
    'aws: "arn:aws:secretsmanager:us-east-2:123456789012:secret:a b" is no ARN of AWS Secrets Manager; ',
    "Set group to the ARN up to `:secret`, and key to the name of the secret.",
  ],
  [
    "a key that no Secret can have",
    { group: "user-info", key: "pass word", mountRequirement: "ENV_VAR" },
    'k8s: no Secret can have the key "pass word"; ',
    "Set key to a key of the Secret: letters, digits, `-`, `_` and `.`.",
  ],
])("%s has only the fix of the manager that was meant", async (_, ask, reason, fix) => {
  const [entry = ""] = entriesOf(await refusalOf(podAsking(ask)));
  expect(entry).toContain(`[flyte.secrets/s0]: ${reason}`);
  expect(entry.slice(entry.indexOf(". Fix: "))).toBe(`. Fix: ${fix}`);
});

test("a manager that could not have the group has no fix for the missing key of one that needs none", async () => {
  const composition = await composedOf("managers: [{ use: k8s }, { use: azure }]");
  const group = "https://training.vault.azure.net/secrets/license";
  const mutation = await admitted(podAsking({ group, mountRequirement: "ENV_VAR" }), composition.settings);
  await composition.dispose();
  expect(mutation).toMatchObject({
    message: expect.stringMatching(
      /\[flyte\.secrets\/s0\]: azure: secrets of Azure Key Vault are files, .*\. Fix: Ask for it as FILE or ANY; env_var then holds the path of the file\.$/,
    ),
  });
});

test("where nobody was meant, the fix says what there is to correct", async () => {
  const composition = await composedOf("managers: [{ use: k8s }]");
  const mutation = await admitted(podAsking({ group: "secret/app", key: "k" }), composition.settings);
  await composition.dispose();
  expect(mutation).toMatchObject({
    message: expect.stringMatching(
      /Fix: Correct group, group_version, key or .*, or configure a manager that has it\.$/,
    ),
  });
});
