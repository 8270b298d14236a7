/** What is asked of Secret Manager, and what is taken from its answers. */
import { describe, expect, onTestFinished, test } from "vitest";
import * as z from "zod/mini";

import { gcpSecretManager } from "../../../src/providers/gcp-secretmanager/provider.ts";
import { sendJson, type Fault } from "../../rig/faulty-server.ts";
import { testHost } from "../../rig/host.ts";
import { GOOGLE_TOKEN, payloadOf } from "../../rig/secret-manager.ts";
import { gke, settingsOf, signal } from "./rig.ts";

const DB = "projects/orders-prod/secrets/db";
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe("a secret of Google Cloud", () => {
  test("is got by its whole name, at its last version, with the pod's token", async () => {
    const { store, fetch } = await gke();
    store.secrets.set(DB, { versions: [{ data: "old" }, { data: "välue\n" }] });
    expect(textOf(await fetch({ secret: DB }))).toBe("välue\n");
    expect(store.requests).toMatchObject([
      { method: "GET", path: `/v1/${DB}/versions/latest:access`, headers: { authorization: `Bearer ${GOOGLE_TOKEN}` } },
    ]);
  });

  test.each([
    ["a number", "1", "old"],
    ["an alias", "prod", "new"],
  ])("is got at a version that has %s", async (_what, version, value) => {
    const { store, fetch } = await gke();
    store.secrets.set(DB, { versions: [{ data: "old" }, { data: "new" }], aliases: { prod: 2 } });
    expect(textOf(await fetch({ secret: DB, version }))).toBe(value);
  });

  test("is got by its bare name in the project of the settings", async () => {
    const { store, fetch } = await gke({ project: "orders-prod" });
    store.secrets.set(DB, { versions: [{ data: "value" }] });
    expect(textOf(await fetch({ secret: "db" }))).toBe("value");
  });

  test.each([
    ["its id", "orders-prod", "123456789012"],
    ["its number", "123456789012", "orders-prod"],
    ["an id with a domain", "example.com:orders", "123456789012"],
  ])("is taken where its project is asked for by %s, and answered by the other", async (_by, asked, answered) => {
    const { store, fetch } = await gke();
    store.faults.push((response) =>
      sendJson(response, 200, { name: `projects/${answered}/secrets/db/versions/1`, payload: payloadOf("value") }),
    );
    expect(textOf(await fetch({ secret: `projects/${asked}/secrets/db` }))).toBe("value");
  });

  test("of a project with a domain is got by that name", async () => {
    const { store, fetch } = await gke();
    store.secrets.set("projects/example.com:orders/secrets/db", { versions: [{ data: "value" }] });
    expect(textOf(await fetch({ secret: "projects/example.com:orders/secrets/db" }))).toBe("value");
  });

  test("keeps its bytes", async () => {
    const bytes = Uint8Array.from({ length: 65_536 }, (_value, index) => index % 251);
    const { store, fetch } = await gke();
    store.secrets.set(DB, { versions: [{ data: bytes }] });
    expect(await fetch({ secret: DB })).toEqual(Buffer.from(bytes));
  });

  test("may be empty", async () => {
    const { store, fetch } = await gke();
    store.secrets.set(DB, { versions: [{ data: "" }] });
    expect(textOf(await fetch({ secret: DB }))).toBe("");
  });

  test("gives several of its keys by one call", async () => {
    const { store, metadata, fetch } = await gke();
    store.secrets.set(DB, { versions: [{ data: `{"user":"u","port":5432}` }] });
    const values = await Promise.all(["user", "port"].map((jsonKey) => fetch({ secret: DB, jsonKey })));
    expect(values.map(textOf)).toEqual(["u", "5432"]);
    expect([store.requests.length, metadata.requests.length]).toEqual([1, 1]);
  });

  test.each([
    [DB, "https://secretmanager.googleapis.com/v1/projects/orders-prod/secrets/db/versions/latest:access"],
    [
      "projects/1/locations/europe-west3/secrets/db",
      "https://secretmanager.europe-west3.rep.googleapis.com/v1/projects/1/locations/europe-west3/secrets/db/versions/latest:access",
    ],
  ])("%s is asked of the server that has it", async (secret, address) => {
    const asked: string[] = [];
    const host = testHost();
    onTestFinished(() => host.close());
    const http: typeof host.http = async ({ url }) => {
      asked.push(url.href);
      const isToken = url.pathname.startsWith("/computeMetadata");
      const name = `${secret.replace("orders-prod", "123456789012")}/versions/1`;
      const answer = isToken ? { access_token: GOOGLE_TOKEN } : { name, payload: payloadOf("value") };
      return { status: 200, headers: { "metadata-flavor": "Google" }, body: Buffer.from(JSON.stringify(answer)) };
    };
    const provider = gcpSecretManager.create(settingsOf({}), { ...host, http });
    await provider.fetch(z.parse(gcpSecretManager.source, { secret }), signal);
    expect(asked).toEqual([expect.stringMatching(/^http:\/\/metadata\.google\.internal\//), address]);
  });
});

describe("a value that does not fit its checksum", () => {
  const damaged: Fault = (response) =>
    sendJson(response, 200, {
      name: `${DB}/versions/1`,
      payload: { ...payloadOf("value"), data: payloadOf("valve").data },
    });

  test("is asked for once more", async () => {
    const { store, fetch } = await gke();
    store.secrets.set(DB, { versions: [{ data: "value" }] });
    store.faults.push(damaged);
    expect(textOf(await fetch({ secret: DB }))).toBe("value");
    expect(store.requests).toHaveLength(2);
  });

  test("is not taken when it comes so again", async () => {
    const { store, fetch } = await gke();
    store.faults.push(damaged, damaged);
    const message = `AccessSecretVersion of "${DB}/versions/latest": the value does not fit its checksum (CRC32C), twice`;
    await expect(fetch({ secret: DB })).rejects.toMatchObject({ kind: "invalid-answer", message });
  });

  test("is taken where there is no checksum, as of versions of long ago", async () => {
    const { store, fetch } = await gke();
    store.faults.push((response) =>
      sendJson(response, 200, { name: `${DB}/versions/1`, payload: { data: payloadOf("value").data } }),
    );
    expect(textOf(await fetch({ secret: DB }))).toBe("value");
  });
});
