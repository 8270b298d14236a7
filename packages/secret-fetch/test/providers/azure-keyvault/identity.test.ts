/** How the pod proves who it is: what it sends to Microsoft Entra, and to the node. */
import { describe, expect, test } from "vitest";

import {
  ASSERTION,
  AZURE_TOKEN,
  CLIENT,
  TENANT,
  serveEntra,
  serveInstanceMetadata,
  serveKeyVault,
} from "../../rig/key-vault.ts";
import { AKS_FILES, aks, aksEnv, fetchBy } from "./rig.ts";

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe("in AKS the pod", () => {
  test("logs in by the token of its service account, for Key Vault alone", async () => {
    const { vault, entra, fetch } = await aks();
    vault.secrets.set("db", [{ value: "value" }]);
    expect(textOf(await fetch({ secret: "db" }))).toBe("value");
    expect(entra.requests).toMatchObject([{ method: "POST", path: `/${TENANT}/oauth2/v2.0/token` }]);
    expect(Object.fromEntries(new URLSearchParams(entra.requests[0]?.body))).toEqual({
      grant_type: "client_credentials",
      client_id: CLIENT,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: ASSERTION,
      scope: "https://vault.azure.net/.default",
    });
  });

  test("logs in as the settings say before what the container has", async () => {
    const [vault, entra] = [await serveKeyVault(), await serveEntra()];
    vault.secrets.set("db", [{ value: "value" }]);
    const settings = { tenantId: TENANT, clientId: CLIENT, tokenFile: "/token", authority: entra.url.href };
    const env = Object.fromEntries(Object.keys(aksEnv(entra.url)).map((name) => [name, "/wrong"]));
    const fetch = fetchBy({ vault: vault.url.href, ...settings }, { env, files: { "/token": ASSERTION } });
    expect(textOf(await fetch({ secret: "db" }))).toBe("value");
  });

  test("logs in once, however many secrets need it, and again after a failure", async () => {
    const { vault, entra, fetch } = await aks();
    for (const name of ["a", "b"]) vault.secrets.set(name, [{ value: name }]);
    entra.faults.push((response) => response.writeHead(503).end());
    await expect(fetch({ secret: "a" })).rejects.toMatchObject({ kind: "unavailable" });
    await Promise.all(["a", "b"].map((secret) => fetch({ secret })));
    expect(entra.requests).toHaveLength(2);
  });
});

describe("the identity of the node", () => {
  test("is taken where the settings let it", async () => {
    const [vault, imds] = [await serveKeyVault(), await serveInstanceMetadata()];
    vault.secrets.set("db", [{ value: "value" }]);
    const settings = { vault: vault.url.href, managedIdentity: true, clientId: CLIENT };
    const fetch = fetchBy(settings, { node: imds.url });
    expect(textOf(await fetch({ secret: "db" }))).toBe("value");
    expect(imds.requests).toMatchObject([
      {
        path: `/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net&client_id=${CLIENT}`,
        headers: { metadata: "true" },
      },
    ]);
    expect(vault.requests[0]?.headers.authorization).toBe(`Bearer ${AZURE_TOKEN}`);
  });

  test("is not taken where the pod has one of its own", async () => {
    const [vault, entra, imds] = [await serveKeyVault(), await serveEntra(), await serveInstanceMetadata()];
    vault.secrets.set("db", [{ value: "value" }]);
    const facts = { env: aksEnv(entra.url), files: AKS_FILES, node: imds.url };
    await fetchBy({ vault: vault.url.href, managedIdentity: true }, facts)({ secret: "db" });
    expect([entra.requests.length, imds.requests.length]).toEqual([1, 0]);
  });
});
