/** What is asked of Key Vault, and what is taken from its answers. */
import { describe, expect, onTestFinished, test } from "vitest";
import * as z from "zod/mini";

import type { Provider } from "../../../src/provider.ts";
import { azureKeyVault } from "../../../src/providers/azure-keyvault/provider.ts";
import type { AzureSecretSource } from "../../../src/providers/azure-keyvault/source.ts";
import { testHost } from "../../rig/host.ts";
import { AZURE_TOKEN } from "../../rig/key-vault.ts";
import { AKS_FILES, aks, aksEnv, settingsOf, signal } from "./rig.ts";

const [OLD, NEW] = ["1".repeat(32), "2".repeat(32)];
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The provider in front of a vault that serves all under one id. */
function answering(vault: string, id: string): Provider<AzureSecretSource> {
  const host = testHost({ env: aksEnv(new URL("https://login.example.com")), files: AKS_FILES });
  onTestFinished(() => host.close());
  const http: typeof host.http = async ({ body }) => {
    const secret = { id, value: "v", attributes: { enabled: true } };
    const answer = body === undefined ? secret : { access_token: AZURE_TOKEN };
    return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(answer)) };
  };
  return azureKeyVault.create(settingsOf({ vault }), { ...host, http });
}

describe("a secret of Azure", () => {
  test("is got by its bare name from the vault of the settings, with the pod's token", async () => {
    const { vault, fetch } = await aks();
    vault.secrets.set("db", [{ value: "old" }, { value: "välue\n" }]);
    expect(textOf(await fetch({ secret: "db" }))).toBe("välue\n");
    expect(vault.requests).toMatchObject([
      { method: "GET", path: "/secrets/db?api-version=7.4", headers: { authorization: `Bearer ${AZURE_TOKEN}` } },
    ]);
  });

  test("is got by its address, where that is the vault of the settings", async () => {
    const { vault, fetch } = await aks();
    vault.secrets.set("db", [{ value: "value" }]);
    expect(textOf(await fetch({ secret: `${vault.url.origin}/secrets/db` }))).toBe("value");
  });

  test("is got at a version", async () => {
    const { vault, fetch } = await aks();
    vault.secrets.set("db", [
      { value: "old", version: OLD },
      { value: "new", version: NEW },
    ]);
    expect(textOf(await fetch({ secret: "db", version: OLD }))).toBe("old");
    expect(vault.requests[0]?.path).toBe(`/secrets/db/${OLD}?api-version=7.4`);
  });

  test("gives several of its keys by one call", async () => {
    const { vault, entra, fetch } = await aks();
    vault.secrets.set("db", [{ value: `{"user":"u","port":5432}` }]);
    const values = await Promise.all(["user", "port"].map((jsonKey) => fetch({ secret: "db", jsonKey })));
    expect(values.map(textOf)).toEqual(["u", "5432"]);
    expect([vault.requests.length, entra.requests.length]).toEqual([1, 1]);
  });

  test.each([
    ["https://orders-prod.vault.azure.net", "https://orders-prod.vault.azure.net/secrets/db"],
    ["https://orders-prod.vault.azure.net", "https://Orders-Prod.vault.azure.net:443/secrets/DB"],
    ["https://orders-prod.vault.azure.net/", "https://ORDERS-PROD.VAULT.AZURE.NET/secrets/db"],
    // A way of one's own to a vault: what it is called there, nobody here knows.
    ["https://vault.example.com", "https://orders-prod.vault.azure.net/secrets/db"],
  ])("of %s is taken as %s: upper and lower case are one", async (vault, id) => {
    const provider = answering(vault, `${id}/${NEW}`);
    expect(textOf(await provider.fetch({ secret: "db" }, signal))).toBe("v");
  });

  test("of another vault is refused, and not shown", async () => {
    const provider = answering(
      "https://orders-prod.vault.azure.net",
      `https://orders-test.vault.azure.net/secrets/db/${NEW}`,
    );
    await expect(provider.fetch({ secret: "db" }, signal)).rejects.toMatchObject({
      kind: "invalid-answer",
      message: `secret "db" of "orders-prod.vault.azure.net": the answer is not of this secret`,
    });
  });

  test.each([
    ["orders-prod.vault.azure.net", "login.microsoftonline.com"],
    ["orders-prod.vault.azure.cn", "login.chinacloudapi.cn"],
    ["orders-prod.vault.usgovcloudapi.net", "login.microsoftonline.us"],
  ])("of %s is asked for with a token for that cloud alone", async (vault, login) => {
    const asked: string[] = [];
    const { AZURE_AUTHORITY_HOST: _authority, ...env } = aksEnv(new URL("https://login.example.com"));
    const host = testHost({ env, files: AKS_FILES });
    onTestFinished(() => host.close());
    const http: typeof host.http = async ({ url, body }) => {
      asked.push(url.host, ...(body === undefined ? [] : [new URLSearchParams(body).get("scope") ?? ""]));
      const secret = { id: `https://${vault}/secrets/db/${NEW}`, value: "v", attributes: { enabled: true } };
      const answer = body === undefined ? secret : { access_token: AZURE_TOKEN };
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(answer)) };
    };
    const provider = azureKeyVault.create(settingsOf({}), { ...host, http });
    await provider.fetch(z.parse(azureKeyVault.source, { secret: `https://${vault}/secrets/db` }), signal);
    expect(asked).toEqual([login, `https://${vault.replace("orders-prod.", "")}/.default`, vault]);
  });
});

describe("the dates of a secret", () => {
  const NOW = Math.floor(Date.now() / 1000);

  test.each([
    ["it begins now", { nbf: NOW - 1 }],
    ["it ends tomorrow", { exp: NOW + 86_400 }],
    ["they are null", { nbf: null, exp: null }],
  ])("let it pass when %s", async (_when, dates) => {
    const { vault, fetch } = await aks();
    vault.secrets.set("db", [{ value: "value", attributes: { enabled: true, ...dates } }]);
    expect(textOf(await fetch({ secret: "db" }))).toBe("value");
  });
});
