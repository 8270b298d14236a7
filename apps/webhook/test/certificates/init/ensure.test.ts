import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";

import { readCertificate } from "../../../src/certificates/certificate-files.ts";
import { ensureFiles } from "../../../src/certificates/init/ensure-files.ts";
import { ensureSecret, type Ensured, type EnsureOptions } from "../../../src/certificates/init/ensure-secret.ts";
import { DAY } from "../../../src/certificates/lifetimes.ts";
import { begin, phaseOf, stage, type Rotation } from "../../../src/certificates/managed/rotation.ts";
import { readSecret, writePlainSecret, writeSecret } from "../../../src/certificates/managed/secret-codec.ts";
import { newSecret, type SecretObject } from "../../../src/certificates/managed/secret-object.ts";
import { createSecretStore } from "../../../src/certificates/managed/secret-store.ts";
import { createApiInMemory, type ApiInMemory } from "../api-in-memory.ts";
import { casOf, FIRST, NOW, POLICY, SECOND } from "../managed/generations.ts";

const PATH = "/api/v1/namespaces/flyte/secrets/webhook";
const EMPTY = newSecret("flyte", "webhook");
const plain = writePlainSecret(FIRST, [FIRST.ca], EMPTY);

let api: ApiInMemory;
beforeEach(() => {
  api = createApiInMemory();
});

function ensure(changes: Partial<EnsureOptions> = {}): Promise<Ensured> {
  return ensureSecret({
    store: createSecretStore(api.client, "flyte", "webhook"),
    template: EMPTY,
    layout: "plain",
    policy: POLICY,
    isForced: false,
    clock: () => NOW,
    patience: 2000,
    ...changes,
  });
}

const put = (secret: SecretObject): Promise<unknown> => api.client.create("/api/v1/namespaces/flyte/secrets", secret);

const text = (key: string): string => Buffer.from(api.get(PATH)?.data?.[key] ?? "", "base64").toString();

function rotation(): Rotation {
  const content = readSecret(api.get(PATH) ?? EMPTY, NOW);
  if (content.kind !== "intact") throw new Error(`the Secret is ${content.kind}`);
  return content.rotation;
}

describe("a Secret in Flyte's layout", () => {
  test("is made when there is none", async () => {
    const ensured = await ensure();
    expect(ensured).toMatchObject({ outcome: "made", why: "there was none" });
    expect(api.get(PATH)).toMatchObject({ type: "Opaque" });
    expect(Object.keys(api.get(PATH)?.data ?? {}).toSorted()).toEqual(["ca.crt", "tls.crt", "tls.key"]);
    expect(rotation().current.names).toEqual(POLICY.names);
  });

  test("is made once, by however many at once", async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => ensure()));
    expect(all.filter(({ outcome }) => outcome === "made")).toHaveLength(1);
    expect(all.filter(({ outcome }) => outcome === "kept")).toHaveLength(9);
  });

  test("is left as it is when it can be served", async () => {
    await put({ ...plain, immutable: true });
    expect(await ensure()).toMatchObject({ outcome: "kept", generation: { id: FIRST.id } });
    expect(api.calls.filter((call) => !call.startsWith("GET"))).toEqual(["POST /api/v1/namespaces/flyte/secrets"]);
  });

  test("is left as it is when it has the names in another form", async () => {
    const policy = { ...POLICY, names: ["::1", "Webhook.Flyte.SVC"] };
    expect(await ensure({ policy })).toMatchObject({ outcome: "made" });
    expect(await ensure({ policy })).toMatchObject({ outcome: "kept" });
  });

  test("is left as it is when it is valid for 99 years, as Flyte's", async () => {
    await put(plain);
    expect(await ensure({ policy: { ...POLICY, lifetime: 10 * DAY } })).toMatchObject({ outcome: "kept" });
  });

  test.each<[string, SecretObject, Partial<EnsureOptions>, RegExp]>([
    ["it has expired", plain, { clock: () => NOW + 91 * DAY }, /^it has expired$/],
    ["it is not valid yet", plain, { clock: () => NOW - 2 * DAY }, /^it is not valid yet$/],
    ["it ends soon", plain, { clock: () => NOW + 61 * DAY }, /^less than a third of its life was left$/],
    ["it lacks a name", plain, { policy: { ...POLICY, names: ["other.flyte.svc"] } }, /^it lacks a name$/],
    ["it is forced", plain, { isForced: true }, /^it was forced$/],
    [
      "its key is gone",
      { ...plain, data: { ...plain.data, "tls.key": "" } },
      {},
      /cannot be served: tls\.key holds no private key/,
    ],
    [
      "its CA is gone",
      { ...plain, data: { ...plain.data, "ca.crt": "" } },
      {},
      /cannot be served: no CA of the bundle has signed/,
    ],
    ["it is empty, as Flyte's chart makes it", EMPTY, {}, /^there was none$/],
  ])("is made anew when %s", async (_, secret, changes, why) => {
    await put({ ...secret, metadata: { ...secret.metadata, labels: { a: "b" }, annotations: { c: "d" } } });
    const ensured = await ensure(changes);
    expect(ensured).toMatchObject({ outcome: "made", why: expect.stringMatching(why) });
    expect(api.get(PATH)?.metadata).toMatchObject({ labels: { a: "b" }, annotations: { c: "d" } });
    expect(await ensure({ ...changes, isForced: false })).toMatchObject({ outcome: "kept" });
  });

  test("goes on trusting the CA before, while that is valid", async () => {
    await put(plain);
    const ensured = await ensure({ isForced: true });
    if (ensured.outcome !== "made") throw new Error(ensured.outcome);
    expect(casOf(text("ca.crt"))).toEqual([ensured.generation.ca.pem, FIRST.ca.pem]);
    await ensure({ isForced: true, clock: () => NOW + 91 * DAY });
    expect(casOf(text("ca.crt"))).toHaveLength(1);
  });

  test("that is immutable is replaced by one that is not, of the same metadata", async () => {
    await put({ ...plain, immutable: true, metadata: { ...plain.metadata, labels: { a: "b" } } });
    expect(await ensure({ isForced: true })).toMatchObject({ outcome: "made" });
    expect(api.get(PATH)).toMatchObject({ metadata: { labels: { a: "b" } } });
    expect(api.get(PATH)?.immutable).toBeUndefined();
  });

  test("loses what only a rotation has", async () => {
    await put(writeSecret(stage(begin(FIRST, [], NOW), SECOND), EMPTY));
    await ensure({ isForced: true });
    expect(JSON.stringify(api.get(PATH))).not.toMatch(/next\.|certificate-revision/);
  });
});

describe("a Secret that replicas rotate", () => {
  const rotated = { layout: "rotated" } as const;
  test("is made as they would make it", async () => {
    expect(await ensure(rotated)).toMatchObject({ outcome: "made" });
    expect(rotation()).toMatchObject({ revision: 1 });
  });
  test("gets a next generation when it is forced, and goes on holding the current one", async () => {
    await put(writeSecret(begin(FIRST, [], NOW), EMPTY));
    const ensured = await ensure({ ...rotated, isForced: true });
    expect(ensured).toMatchObject({ outcome: "staged" });
    expect(rotation().current.id).toBe(FIRST.id);
    expect(phaseOf(rotation())).toBe("staged");
    expect(casOf(text("ca.crt"))).toHaveLength(2);
  });
  test("is left alone while it is good, or already being rotated", async () => {
    await put(writeSecret(stage(begin(FIRST, [], NOW), SECOND), EMPTY));
    expect(await ensure({ ...rotated, clock: () => NOW + 61 * DAY })).toMatchObject({ outcome: "kept" });
  });
});

test("a Secret that cert-manager writes is refused", async () => {
  const annotations = { "cert-manager.io/certificate-name": "x" };
  await put({ ...plain, metadata: { ...plain.metadata, annotations } });
  expect(await ensure({ isForced: true })).toEqual({ outcome: "foreign", by: "cert-manager" });
});

describe("an API server", () => {
  test("that cannot be reached is waited for", async () => {
    let calls = 0;
    api.failWhen(() => (++calls < 3 ? "unreachable" : undefined));
    expect(await ensure()).toMatchObject({ outcome: "made" });
  });
  test("that stays away is given up", async () => {
    api.failWhen(() => "unreachable");
    await expect(ensure({ patience: 100 })).rejects.toMatchObject({ failure: "unreachable" });
  });
  test("that forbids it is not asked again", async () => {
    api.failWhen(() => "forbidden");
    await expect(ensure()).rejects.toMatchObject({ failure: "forbidden" });
    expect(api.calls).toHaveLength(1);
  });
});

describe("files", () => {
  function folder(): string {
    const made = mkdtempSync(join(tmpdir(), "init-certs-"));
    onTestFinished(() => rmSync(made, { recursive: true }));
    return made;
  }
  const wish = { policy: POLICY, isForced: false, now: NOW };

  test("are made with their directories, and only their owner reads the key", async () => {
    const directory = join(folder(), "a", "b");
    expect(await ensureFiles(directory, wish)).toMatchObject({ outcome: "made" });
    expect(await readCertificate(directory, NOW)).toMatchObject({ ok: true });
    expect(readdirSync(directory).toSorted()).toEqual(["ca.crt", "tls.crt", "tls.key"]);
    expect(statSync(join(directory, "tls.key")).mode & 0o777).toBe(0o600);
  });

  test("are left as they are when they can be served, and made anew when not", async () => {
    const directory = folder();
    await ensureFiles(directory, wish);
    const before = readFileSync(join(directory, "tls.crt"), "utf8");
    expect(await ensureFiles(directory, wish)).toMatchObject({ outcome: "kept" });
    expect(readFileSync(join(directory, "tls.crt"), "utf8")).toBe(before);
    writeFileSync(join(directory, "tls.key"), "half");
    expect(await ensureFiles(directory, wish)).toMatchObject({
      outcome: "made",
      why: expect.stringMatching(/tls\.key" holds no private key/),
    });
    expect(casOf(readFileSync(join(directory, "ca.crt"), "utf8"))).toHaveLength(2);
    expect(await readCertificate(directory, NOW)).toMatchObject({ ok: true });
  });

  test("that cannot be written are an error with a fix", async () => {
    const file = join(folder(), "file");
    writeFileSync(file, "");
    await expect(ensureFiles(join(file, "x"), wish)).rejects.toMatchObject({
      code: "E_CERTIFICATE",
      message: expect.stringMatching(/cannot be written to ".*" \(ENOTDIR\)/),
    });
  });
});
