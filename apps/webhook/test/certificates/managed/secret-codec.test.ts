import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

import { begin, bundleOf, note, publish, stage, swap } from "../../../src/certificates/managed/rotation.ts";
import {
  readSecret,
  replicaName,
  writePlainSecret,
  writeSecret,
} from "../../../src/certificates/managed/secret-codec.ts";
import {
  hasSameData,
  newSecret,
  recreated,
  successorOf,
  type SecretObject,
} from "../../../src/certificates/managed/secret-object.ts";
import { casOf, FIRST, NOW, SECOND, THIRD } from "./generations.ts";

const EMPTY = newSecret("flyte", "webhook");
const steady = note(begin(FIRST, [], NOW), "replica-0", FIRST.id, NOW);
const staged = stage(steady, SECOND);
const published = publish(staged);
const swapped = swap(published, NOW);

const text = (secret: SecretObject, key: string): string => Buffer.from(secret.data?.[key] ?? "", "base64").toString();
const encode = (value: string): string => Buffer.from(value).toString("base64");

function withData(secret: SecretObject, data: Readonly<Record<string, string | undefined>>): SecretObject {
  const entries = Object.entries({ ...secret.data, ...data }).filter(([, value]) => value !== undefined);
  return { ...secret, data: Object.fromEntries(entries) as Record<string, string> };
}

describe("a rotation in a Secret", () => {
  test.each([
    ["steady", steady],
    ["staged", staged],
    ["published", published],
    ["swapped", swapped],
  ])("is read as it was written: %s", (_, rotation) => {
    expect(readSecret(writeSecret(rotation, EMPTY), NOW)).toEqual({ kind: "intact", rotation });
  });

  test("is Flyte's Secret to whoever mounts it", () => {
    const secret = writeSecret(steady, EMPTY);
    expect(secret).toMatchObject({ apiVersion: "v1", kind: "Secret", type: "Opaque" });
    expect(secret.immutable).toBeUndefined();
    expect(Object.keys(secret.data ?? {}).toSorted()).toEqual(["ca.crt", "tls.crt", "tls.key"]);
    expect(text(secret, "ca.crt")).toBe(FIRST.ca.pem);
    expect(text(secret, "tls.crt")).toBe(FIRST.certificate);
    expect(text(secret, "tls.key")).toBe(FIRST.key);
  });

  test("trusts both CAs from the stage on until after the swap, in the same order", () => {
    const both = [FIRST.ca.pem, SECOND.ca.pem].toSorted();
    for (const rotation of [staged, published, swapped])
      expect(casOf(text(writeSecret(rotation, EMPTY), "ca.crt")).toSorted()).toEqual(both);
    expect(bundleOf(swapped)).toBe(bundleOf(staged));
  });

  test("leaves no trace of the next generation once that is the current one", () => {
    const secret = writeSecret(swapped, writeSecret(published, EMPTY));
    expect(Object.keys(secret.data ?? {}).toSorted()).toEqual(["ca.crt", "tls.crt", "tls.key"]);
    expect(JSON.stringify(secret.metadata)).not.toContain("published");
  });

  test("keeps labels, annotations and keys of others, and the type", () => {
    const base: SecretObject = {
      ...EMPTY,
      type: "kubernetes.io/tls",
      metadata: { ...EMPTY.metadata, labels: { a: "b" }, annotations: { "helm.sh/x": "y" }, finalizers: ["z"] },
      data: { "other.txt": encode("theirs") },
    };
    expect(writeSecret(staged, base)).toMatchObject({
      type: "kubernetes.io/tls",
      metadata: { labels: { a: "b" }, annotations: { "helm.sh/x": "y" }, finalizers: ["z"] },
      data: { "other.txt": encode("theirs") },
    });
  });

  test("forgets the notes of replicas that it no longer has", () => {
    const secret = writeSecret({ ...steady, replicas: new Map() }, writeSecret(steady, EMPTY));
    expect(JSON.stringify(secret.metadata)).not.toContain("replica-0");
  });
});

describe("a Secret of Flyte", () => {
  /** As `init-certs` of Flyte v1.16.8 makes it: RSA, 99 years, one CA, immutable. */
  function flyteSecret(): SecretObject {
    const folder = mkdtempSync(join(tmpdir(), "flyte-certificates-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const openssl = (...args: readonly string[]): void => {
      execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
    };
    const days = ["-days", String(99 * 365)];
    const rsa = ["-newkey", "rsa:2048", "-nodes"];
    openssl("req", "-x509", ...rsa, ...days, "-subj", "/O=flyte.org", "-keyout", "ca.key", "-out", "ca.crt");
    const names = "subjectAltName=DNS:webhook,DNS:webhook.flyte,DNS:webhook.flyte.svc";
    const leaf = [
      "-subj",
      "/CN=webhook.flyte.svc/O=flyte.org",
      "-addext",
      names,
      "-addext",
      "basicConstraints=CA:FALSE",
    ];
    openssl(
      "req",
      "-x509",
      ...rsa,
      ...days,
      ...leaf,
      "-CA",
      "ca.crt",
      "-CAkey",
      "ca.key",
      "-keyout",
      "tls.key",
      "-out",
      "tls.crt",
    );
    const data = Object.fromEntries(
      ["ca.crt", "tls.crt", "tls.key"].map((file) => [file, readFileSync(join(folder, file)).toString("base64")]),
    );
    return { ...EMPTY, metadata: { ...EMPTY.metadata, uid: "u", resourceVersion: "7" }, immutable: true, data };
  }

  test("is the generation before the first, and its metadata can be written without touching its data", () => {
    const secret = flyteSecret();
    const content = readSecret(secret, Date.now() + 1000);
    expect(content).toMatchObject({ kind: "intact", rotation: { revision: 0, isPublished: false, former: [] } });
    if (content.kind !== "intact") return;
    const { current } = content.rotation;
    expect(current.names).toEqual(["webhook", "webhook.flyte", "webhook.flyte.svc"]);
    const noted = writeSecret(note(content.rotation, "replica-0", current.id, NOW), secret);
    expect(hasSameData(noted, secret)).toBe(true);
    expect(hasSameData(writeSecret(stage(content.rotation, FIRST), secret), secret)).toBe(false);
  });

  test("has a successor of the same metadata that can be changed", () => {
    const successor = successorOf({ ...flyteSecret(), metadata: { ...EMPTY.metadata, uid: "u", labels: { a: "b" } } });
    expect(successor.immutable).toBeUndefined();
    expect(successor.metadata).toEqual({ name: "webhook", namespace: "flyte", labels: { a: "b" } });
  });
});

describe("what somebody else did to a Secret is noticed", () => {
  const secret = writeSecret(published, EMPTY);
  const damaged = (object: SecretObject): ReturnType<typeof readSecret> => {
    const content = readSecret(object, NOW);
    expect(content.kind).toBe("damaged");
    if (content.kind === "damaged") expect(content.problem).toMatch(/^[\w. ]{10,100}$/);
    return content;
  };

  test.each([
    ["no data at all", { ...secret, data: {} }],
    ["no certificate", withData(secret, { "tls.crt": undefined })],
    ["an empty key", withData(secret, { "tls.key": "" })],
    ["the key of another", withData(secret, { "tls.key": encode(THIRD.key) })],
    ["no CA", withData(secret, { "ca.crt": undefined })],
    ["a huge value", withData(secret, { "tls.crt": encode("x".repeat(100_000)) })],
  ])("%s: nothing can be salvaged", (_, object) => {
    expect(damaged(object)).not.toHaveProperty("salvage");
  });

  test.each([
    ["the next key is gone", withData(secret, { "next.key": undefined })],
    ["the next certificate is another", withData(secret, { "next.crt": encode(THIRD.certificate) })],
    ["the next generation is gone", withData(secret, { "next.crt": undefined, "next.key": undefined })],
    ["a CA more", withData(secret, { "ca.crt": encode(bundleOf(published) + THIRD.ca.pem) })],
  ])("%s: what is served can be salvaged", (_, object) => {
    expect(damaged(object)).toMatchObject({ salvage: { revision: 1, current: { id: FIRST.id } } });
  });

  test("another certificate of another CA, in one piece", () => {
    const foreign = { "ca.crt": THIRD.ca.pem, "tls.crt": THIRD.certificate, "tls.key": THIRD.key };
    const data = Object.fromEntries(Object.entries(foreign).map(([key, value]) => [key, encode(value)]));
    expect(damaged(withData(secret, data))).toMatchObject({ problem: expect.stringMatching(/next|changed/) });
  });

  test("the CA that is no longer served, cut off the bundle", () => {
    const object = withData(writeSecret(swapped, EMPTY), { "ca.crt": encode(SECOND.ca.pem) });
    expect(damaged(object)).toMatchObject({ problem: "its content has been changed from elsewhere" });
  });

  test("a rotation that was set back, or forward, by hand", () => {
    const { annotations } = secret.metadata;
    const moved = { ...annotations, "pod-secrets.dev/certificate-revision": "99" };
    const object = { ...secret, metadata: { ...secret.metadata, annotations: moved } };
    expect(damaged(object)).toMatchObject({ problem: "its content has been changed from elsewhere" });
  });

  test.each(["1000000000001", "999999999999999", "-1", "1e3", ""])(
    "a revision that no steps lead to: %j",
    (revision) => {
      const far = writeSecret({ ...published, revision: Number(revision) }, EMPTY);
      const annotations = { ...far.metadata.annotations, "pod-secrets.dev/certificate-revision": revision };
      expect(damaged({ ...far, metadata: { ...far.metadata, annotations } })).toMatchObject({
        problem: "its revision is not a number of steps",
        salvage: { revision: 1, current: { id: FIRST.id } },
      });
    },
  );

  test("cut anywhere, it is damaged or says the same, and nothing is thrown", () => {
    for (const key of ["ca.crt", "tls.crt", "tls.key", "next.crt", "next.key"]) {
      const whole = text(secret, key);
      for (let end = 0; end < whole.length; end += 7) {
        const content = readSecret(withData(secret, { [key]: encode(whole.slice(0, end)) }), NOW);
        if (content.kind === "intact") expect(end).toBeGreaterThan(whole.length - 3);
        else expect(content.kind).toBe("damaged");
      }
    }
  });

  test("a Secret that cert-manager writes is not touched", () => {
    const annotations = { "cert-manager.io/certificate-name": "webhook" };
    expect(readSecret({ ...secret, metadata: { ...secret.metadata, annotations } }, NOW)).toEqual({
      kind: "foreign",
      by: "cert-manager",
    });
  });
});

test("a Secret that was deleted comes back with its labels, and without the owner that had it deleted", () => {
  const former = {
    ...writeSecret(steady, EMPTY),
    metadata: { name: "webhook", uid: "u", labels: { a: "b" }, ownerReferences: [], finalizers: [], managedFields: [] },
  };
  expect(recreated(former).metadata).toEqual({ name: "webhook", labels: { a: "b" } });
});

test("the layout of Flyte has nothing of a rotation", () => {
  const base = { ...EMPTY, metadata: { ...EMPTY.metadata, annotations: { mine: "x" } } };
  const plain = writePlainSecret(THIRD, [THIRD.ca, FIRST.ca], writeSecret(published, base));
  expect(plain.metadata.annotations).toEqual({ mine: "x" });
  expect(Object.keys(plain.data ?? {}).toSorted()).toEqual(["ca.crt", "tls.crt", "tls.key"]);
  expect(text(plain, "ca.crt")).toBe(THIRD.ca.pem + FIRST.ca.pem);
});

test.each([
  ["webhook-7d9f-abcde", "webhook-7d9f-abcde"],
  ["a".repeat(64), expect.stringMatching(/^[0-9a-f]{16}$/)],
  ["-x", expect.stringMatching(/^[0-9a-f]{16}$/)],
  ["", expect.stringMatching(/^[0-9a-f]{16}$/)],
])("the name of replica %j fits into an annotation", (host, name) => {
  expect(replicaName(host)).toEqual(name);
});
