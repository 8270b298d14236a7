/** What may stand in a request about Azure. */
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";

import { azureKeyVault } from "../../../src/providers/azure-keyvault/provider.ts";
import { AKS_FILES, aks, aksEnv, fetchBy, settingsOf } from "./rig.ts";

const parse = (source: object): unknown => z.parse(azureKeyVault.source, source);

describe("a source", () => {
  test.each([
    { secret: "db" },
    { secret: "x".repeat(127) },
    { secret: "https://orders-prod.vault.azure.net/secrets/DB-password" },
    { secret: "db", version: "4387e9f3d6e14c459867679a90fd0f79", jsonKey: "user" },
  ])("is %o", (source) => {
    expect(parse(source)).toEqual(source);
  });

  test.each<[string, object]>([
    ["no secret", {}],
    ["a name that is too long", { secret: "x".repeat(128) }],
    ["a name with an underscore", { secret: "db_password" }],
    ["a name with a line end", { secret: "db\n" }],
    ["a name that leaves its place", { secret: "https://orders-prod.vault.azure.net/secrets/../keys/db" }],
    ["a name with a version in it", { secret: `https://orders-prod.vault.azure.net/secrets/db/${"1".repeat(32)}` }],
    ["a name with a query", { secret: "https://orders-prod.vault.azure.net/secrets/db?api-version=7.0" }],
    ["an address with a password", { secret: "https://user:password@orders-prod.vault.azure.net/secrets/db" }],
    ["an address of a key", { secret: "https://orders-prod.vault.azure.net/keys/db" }],
    ["an address of a file", { secret: "file:///secrets/db" }],
    ["a version that is none", { secret: "db", version: "latest" }],
    ["what it does not know", { secret: "db", vault: "orders-prod" }],
  ])("is refused with %s", (_what, source) => {
    expect(() => parse(source)).toThrow(z.core.$ZodError);
  });
});

describe("a token goes", () => {
  test.each([
    "https://vault.azure.net.example.com/secrets/db",
    "https://evil.example/secrets/db",
    "https://orders-prod.vault.azure.net:8443/secrets/db",
    "http://orders-prod.vault.azure.net/secrets/db",
    "https://orders-prod.managedhsm.azure.net/secrets/db",
    "https://a.b.vault.azure.net/secrets/db",
    "https://vault.azure.net/secrets/db",
    "https://169.254.169.254/secrets/db",
    "https://-x-.vault.azure.net/secrets/db",
    "https://127.0.0.1:1/secrets/db",
  ])("not to %s, nor is one asked for", async (secret) => {
    const { vault, entra, fetch } = await aks();
    await expect(fetch({ secret })).rejects.toMatchObject({
      kind: "wrong-request",
      message: expect.stringMatching(/is no vault of Key Vault, so it gets no token$/),
    });
    expect([...vault.requests, ...entra.requests]).toEqual([]);
  });
});

describe("settings", () => {
  test("may be empty", () => {
    expect(settingsOf({})).toEqual({ allowHttp: false, managedIdentity: false });
  });

  test.each<[string, object]>([
    ["an address with a password", { vault: "https://user:password@vault.example.com" }],
    ["a tenant that leaves its place", { tenantId: "../common" }],
    ["a client that is none", { clientId: "reader" }],
    ["a file that is anywhere", { tokenFile: "token" }],
    ["the secret of a client", { clientSecret: "hush" }],
  ])("are refused with %s", (_what, settings) => {
    expect(() => settingsOf(settings)).toThrow(z.core.$ZodError);
  });

  test.each([
    ["vault", { vault: "http://vault.example.com" }],
    ["authority", { authority: "http://login.example.com", vault: "https://vault.example.com" }],
  ])("let nothing travel in the clear to %s on another machine", async (setting, settings) => {
    const { AZURE_AUTHORITY_HOST: _authority, ...env } = aksEnv(new URL("https://login.example.com"));
    const fetch = fetchBy(settings, { env, files: AKS_FILES });
    await expect(fetch({ secret: "db" })).rejects.toThrow(`${setting} is not encrypted`);
  });
});
