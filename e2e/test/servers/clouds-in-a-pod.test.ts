/**
 * Secrets of Google Cloud and Azure, from the pod's request to its files: the webhook's container, the program in it, and
 * servers that answer as the vendors' documents say.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

import { podAsking } from "../../../apps/webhook/test/managers/asking.ts";
import { admitted, composedOf } from "../../../apps/webhook/test/managers/composed.ts";
import type { SecretAsk } from "../../../packages/core/src/index.ts";
import { serveMetadata } from "../../../packages/secret-fetch/test/rig/google-identity.ts";
import {
  ASSERTION,
  CLIENT,
  TENANT,
  serveEntra,
  serveKeyVault,
} from "../../../packages/secret-fetch/test/rig/key-vault.ts";
import { serveSecretManager } from "../../../packages/secret-fetch/test/rig/secret-manager.ts";
import { contentOf, temporaryFolder } from "../../../packages/secret-fetch/test/rig/volume.ts";

const MAIN = join(import.meta.dirname, "../../../packages/secret-fetch/src/main.ts");
const WAREHOUSE = JSON.stringify({ User: "reader", Password: 'p"w $(HOME)' });
const VERSION = "0123456789abcdef0123456789abcdef";

/** What a container of a pod in GKE and AKS at once would have, and the config of the two managers. */
async function startClouds(): Promise<{ readonly config: string; readonly env: Readonly<Record<string, string>> }> {
  const [google, metadata] = [await serveSecretManager(), await serveMetadata()];
  google.secrets.set("projects/my-project/secrets/Token", { versions: [{ data: "old" }, { data: "new" }] });
  google.secrets.set("projects/my-project/secrets/Warehouse", { versions: [{ data: WAREHOUSE }] });
  const [vault, entra] = [await serveKeyVault(), await serveEntra()];
  vault.secrets.set("License", [{ value: "first", version: VERSION }, { value: "second" }]);
  vault.secrets.set("Warehouse-2", [{ value: WAREHOUSE }]);
  const tokenFile = join(temporaryFolder(), "azure-identity-token");
  writeFileSync(tokenFile, ASSERTION);
  const fetcher = "fetcher: { image: example.com/fetch:1, envVars: fileKeyRef }";
  const config = `global: false
managers:
  - use: gcp
    options:
      mode: fetch
      ${fetcher}
      settings: { project: my-project, url: "${google.url.origin}", metadataUrl: "${metadata.url.origin}" }
  - use: azure
    options: { mode: fetch, ${fetcher}, settings: { vault: "${vault.url.origin}", authority: "${entra.url.origin}" } }`;
  const env = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT, AZURE_FEDERATED_TOKEN_FILE: tokenFile };
  return { config, env };
}

interface Fetched {
  readonly code: number;
  readonly said: string;
  /** Content by path below the volume. */
  readonly files: Readonly<Record<string, string>>;
}

/** Admits a pod, and runs its init container on a folder in place of the volume. */
async function fetched(asks: (vault: string) => readonly SecretAsk[]): Promise<Fetched> {
  const { config, env } = await startClouds();
  const [, vault = ""] = /vault: "([^"]*)"/.exec(config) ?? [];
  const { settings, ...composition } = await composedOf(config);
  const mutation = await admitted(podAsking(...asks(vault)), settings);
  await composition.dispose();
  if (mutation.outcome !== "changed") throw new Error(JSON.stringify(mutation));
  const volume = join(temporaryFolder(), "volume");
  mkdirSync(volume);
  const request = (mutation.pod.spec?.initContainers?.[0]?.env ?? []).map(
    ({ name, value = "" }) => [name, value.replace('"/run/pod-secrets"', JSON.stringify(volume))] as const,
  );
  const child = spawn(process.execPath, ["--conditions=@pod-secrets/source", MAIN], {
    env: { ...env, ...Object.fromEntries(request) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, "close") as Promise<[number]>]);
  return { code, said, files: contentOf(volume) };
}

test("a pod in both clouds has every secret where its task looks", async () => {
  const { code, files } = await fetched((vault) => [
    { group: "Token" },
    { group: "projects/my-project/secrets/Token", groupVersion: "1" },
    { group: "Warehouse", key: "User" },
    { group: "Warehouse", key: "Password", mountRequirement: "ENV_VAR" },
    { group: `${vault}/secrets/License`, groupVersion: VERSION },
    { group: `${vault}/secrets/Warehouse-2/`, key: "Password" },
  ]);
  expect(code).toBe(0);
  const envFiles = Object.entries(files).filter(([path]) => path.startsWith("ENV/"));
  expect(envFiles.map(([, content]) => content)).toEqual([`VALUE='p"w $(HOME)'\n`]);
  expect(files).toMatchObject({
    token: "new",
    "projects/my-project/secrets/token/1": "old",
    "warehouse/user": "reader",
    [`license/${VERSION}`]: "first",
    "warehouse-2/password": 'p"w $(HOME)',
  });
});

test.each<[string, (vault: string) => SecretAsk, string]>([
  ["a version that is not there", () => ({ group: "Token", groupVersion: "9" }), "Token/versions/9"],
  ["a key that is not there", () => ({ group: "Warehouse", key: "Pass" }), "Warehouse#Pass"],
  ["a secret that is not there", (vault) => ({ group: `${vault}/secrets/none` }), "/secrets/none"],
])("for %s the pod does not start, the message names it, and no file is there", async (_what, ask, name) => {
  const { code, said, files } = await fetched((vault) => [{ group: "Warehouse", key: "User" }, ask(vault)]);
  expect(code).toBe(13);
  expect(said).toContain("fetch/not-found: secret ");
  expect(said).toContain(name);
  expect(files).toEqual({});
});
