/** The real Confidant on 127.0.0.1: what the tests of its provider rest on. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { needing } from "../../cluster/src/index.ts";
import {
  pythonSupport,
  START_TIMEOUT,
  startConfidant,
  startMoto,
  type Confidant,
  type Moto,
} from "../../servers/index.ts";

describe("Confidant", needing(pythonSupport()), () => {
  let moto: Moto;
  let confidant: Confidant;

  beforeAll(async () => {
    moto = await startMoto({ checksAuthorization: true });
    confidant = await startConfidant(moto);
  }, START_TIMEOUT);
  afterAll(async () => {
    await confidant?.stop();
    await moto?.stop();
  });

  /** A token of kmsauth, made by moto's KMS. */
  async function tokenOf(context: Readonly<Record<string, string>>): Promise<string> {
    const stamp = (minutes: number): string =>
      new Date(Date.now() + minutes * 60_000).toISOString().replaceAll(/[-:]|\.\d+/g, "");
    const payload = JSON.stringify({ not_before: stamp(-3), not_after: stamp(7) });
    const { CiphertextBlob } = await moto.admin("kms", "Encrypt", {
      KeyId: confidant.authKey,
      Plaintext: Buffer.from(payload).toString("base64"),
      EncryptionContext: { to: confidant.authContext, ...context },
    });
    return CiphertextBlob as string;
  }

  function read(service: string, userName: string, token: string): Promise<Response> {
    const basic = Buffer.from(`${userName}:${token}`).toString("base64");
    return fetch(`${confidant.url}/v1/services/${service}`, { headers: { Authorization: `Basic ${basic}` } });
  }

  async function credentialsOf(service: string): Promise<readonly Record<string, unknown>[]> {
    const token = await tokenOf({ from: service, user_type: "service" });
    const response = await read(service, `2/service/${service}`, token);
    expect(response.status).toBe(200);
    const { credentials } = (await response.json()) as { credentials: Record<string, unknown>[] };
    return credentials;
  }

  test("gives a service its credentials, by tokens of kmsauth 1 and 2", async () => {
    const id = await confidant.createCredential({
      name: "db creds",
      pairs: { Password: `p&<>"'wörd\nline2`, port: 5432 },
    });
    await confidant.putService("orders", { credentialIds: [id] });

    const first = await read("orders", "orders", await tokenOf({ from: "orders" }));
    const second = await read("orders", "2/service/orders", await tokenOf({ from: "orders", user_type: "service" }));
    for (const response of [first, second]) {
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({
        id: "orders",
        enabled: true,
        credentials: [
          { id, name: "db creds", revision: 1, credential_pairs: { password: `p&<>"'wörd\nline2`, port: 5432 } },
        ],
      });
    }
  });

  test("has no other service for it", async () => {
    const token = await tokenOf({ from: "intruder", user_type: "service" });
    const response = await read("orders", "2/service/intruder", token);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ reference: "orders" });
  });

  test("refuses a token in the name of another", async () => {
    const token = await tokenOf({ from: "intruder", user_type: "service" });
    const response = await read("orders", "2/service/orders", token);
    expect(response.status).toBe(403);
    expect(response.headers.get("content-type")).toContain("text/html");
  });

  test("serves the last revision, and a credential that is switched off, too", async () => {
    const id = await confidant.createCredential({ name: "revised", pairs: { token: "one" } });
    await confidant.putService("billing", { credentialIds: [id] });
    expect(await confidant.reviseCredential(id, { name: "revised", pairs: { token: "two" } })).toBe(2);
    expect(await credentialsOf("billing")).toMatchObject([{ revision: 2, credential_pairs: { token: "two" } }]);

    await confidant.reviseCredential(id, { name: "revised", pairs: { token: "two" }, isEnabled: false });
    expect(await credentialsOf("billing")).toMatchObject([
      { revision: 3, enabled: false, credential_pairs: { token: "two" } },
    ]);
  });
});
