import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";

import { readBundle } from "../../../src/certificates/ca-bundle.ts";
import { DAY } from "../../../src/certificates/lifetimes.ts";
import {
  openManagedCertificate,
  type ManagedCertificate,
  type ManagedCertificateOptions,
} from "../../../src/certificates/managed/managed-certificate.ts";
import { begin, phaseOf, stage, type Rotation } from "../../../src/certificates/managed/rotation.ts";
import { readSecret, writePlainSecret, writeSecret } from "../../../src/certificates/managed/secret-codec.ts";
import { newSecret, type SecretObject } from "../../../src/certificates/managed/secret-object.ts";
import type { KubernetesFailure } from "../../../src/kubernetes/kubernetes-client.ts";
import type { LoadedCertificate } from "../../../src/certificates/certificate.ts";
import { createApiInMemory, type ApiInMemory } from "../api-in-memory.ts";
import { FIRST, generation, NOW, POLICY } from "./generations.ts";
import { collectLog, type CollectedLine, type CollectedLog } from "./collected-log.ts";

const PATH = "/api/v1/namespaces/flyte/secrets/webhook";

let api: ApiInMemory;
let log: CollectedLog;
beforeEach(() => {
  api = createApiInMemory();
  log = collectLog();
});

interface Replica {
  readonly certificate: ManagedCertificate;
  readonly served: LoadedCertificate[];
  /** As a process that is killed. */
  kill(): void;
}

async function start(name: string, changes: Partial<ManagedCertificateOptions> = {}): Promise<Replica> {
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const certificate = await openManagedCertificate({
    client: api.client,
    namespace: "flyte",
    secret: "webhook",
    policy: { ...POLICY, overlap: 200 },
    replica: name,
    publish: undefined,
    log: log.log,
    signal: ending.signal,
    clock: () => NOW,
    ...changes,
  });
  const served = [certificate.first];
  certificate.follow((next) => served.push(next));
  return { certificate, served, kill: () => ending.abort() };
}

function rotation(): Rotation {
  const secret = api.get(PATH);
  const content = secret === undefined ? undefined : readSecret(secret, NOW);
  if (content?.kind !== "intact") throw new Error(`the Secret is ${JSON.stringify(content)}`);
  return content.rotation;
}

const eventually = (check: () => void): Promise<void> => expect.poll(() => run(check), { timeout: 5000 }).toBe("ok");

function run(check: () => void): string {
  try {
    check();
    return "ok";
  } catch (error) {
    return String(error);
  }
}

describe("replicas that start at once", () => {
  test("share one certificate, and note all of them", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `replica-${index}`);
    const replicas = await Promise.all(names.map((name) => start(name)));
    expect(new Set(replicas.map(({ served }) => served[0]?.certificate)).size).toBe(1);
    expect([...rotation().replicas.keys()].toSorted()).toEqual(names);
    expect(await replicas[0]?.certificate.bundle()).toBe(rotation().current.ca.pem);
    expect(readBundle(rotation().current.ca.pem)).toHaveLength(1);
  });
});

function withoutNotes(secret: SecretObject): SecretObject {
  const annotations = Object.entries(secret.metadata.annotations ?? {}).filter(([key]) => !key.startsWith("replica."));
  return { ...secret, metadata: { ...secret.metadata, annotations: Object.fromEntries(annotations) } };
}

describe("a Secret that is taken away or damaged", () => {
  const blank = (secret: SecretObject): SecretObject => ({ ...secret, data: {} });
  test("is put back with the same CA, and the certificate goes on being served", async () => {
    const replicas = await Promise.all([start("a"), start("b")]);
    const before = rotation().current;
    api.change(PATH, (secret) => ({ ...secret, metadata: { ...secret.metadata, labels: { a: "b" } } }));
    await sleep(20);
    api.delete(PATH);
    await eventually(() => expect(rotation().current.id).toBe(before.id));
    expect(api.get(PATH)?.metadata.labels).toEqual({ a: "b" });
    api.change(PATH, blank);
    await eventually(() => expect(rotation().current.id).toBe(before.id));
    for (const { served } of replicas) expect(served).toHaveLength(1);
    expect(log.codes()).toContain("E_CERTIFICATE_SECRET");
  });

  test("with all that is written on it is put back, too, and told of", async () => {
    await start("a");
    const before = rotation().current;
    api.change(PATH, (secret) => ({ ...blank(secret), metadata: { ...secret.metadata, annotations: {} } }));
    await eventually(() => expect(rotation().current.id).toBe(before.id));
    expect(log.lines.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(
        /^E_CERTIFICATE_SECRET: Secret flyte\/webhook is damaged, and mended: it has been emptied;/,
      ),
    );
  });

  test("is put back by those who remember, when another one starts at that moment", async () => {
    const { served } = await start("a");
    api.delete(PATH);
    const late = await start("b");
    expect(late.served[0]?.certificate).toBe(served[0]?.certificate);
  });

  test.each([
    ["empties it", blank],
    ["takes the rotation out of it", (secret: SecretObject) => writePlainSecret(FIRST, [FIRST.ca], secret)],
    ["takes the notes out of it", withoutNotes],
  ])("is not fought over with somebody who %s each time, and that is told of once", async (_, undo) => {
    const { served, certificate } = await start("a");
    const before = api.calls.length;
    const fight = setInterval(() => api.change(PATH, undo), 10);
    onTestFinished(() => clearInterval(fight));
    await sleep(1500);
    expect(api.calls.slice(before).filter((call) => call.startsWith("PUT")).length).toBeLessThanOrEqual(6);
    expect(served).toHaveLength(1);
    expect(certificate.state().isWell).toBe(false);
    const told = log.lines.filter(({ level }) => level !== "info").map(({ message }) => message);
    expect(new Set(told).size).toBe(told.length);
    expect(told).toContainEqual(expect.stringMatching(/^E_CERTIFICATE_SECRET: .* is changed again and again/));
  });

  test("is made anew when nobody remembers it", async () => {
    const first = await start("a");
    first.kill();
    api.change(PATH, blank);
    const second = await start("b");
    expect(second.served[0]?.certificate).not.toBe(first.served[0]?.certificate);
  });
});

describe("a rotation", () => {
  /** Nine weeks on. */
  const due = (): number => NOW + 61 * DAY;

  test("takes all replicas from one certificate to the next, through the registration", async () => {
    let now = NOW;
    const published: string[] = [];
    const { signal } = new AbortController();
    const publish = async (bundle: string): Promise<AbortSignal> => {
      await sleep(5);
      published.push(bundle);
      return signal;
    };
    const replicas = await Promise.all(["a", "b", "c"].map((name) => start(name, { publish, clock: () => now })));
    const old = rotation().current;
    now = due();
    for (const { certificate } of replicas) certificate.look();
    await eventually(() => {
      expect(phaseOf(rotation())).toBe("steady");
      expect(rotation().current.id).not.toBe(old.id);
    });
    const next = rotation().current;
    for (const { served } of replicas) {
      expect(served.map(({ certificate }) => certificate)).toEqual([old.certificate, next.certificate]);
    }
    const bundles = published.map((bundle) => readBundle(bundle).map(({ pem }) => pem));
    expect(bundles).toContainEqual([old.ca.pem, next.ca.pem]);
    await eventually(() => expect(published.at(-1)).toBe(next.ca.pem));
    for (const { certificate } of replicas) expect(certificate.state()).toEqual({ phase: "steady", isWell: true });
  });

  test("stays where it is while the registration cannot be written", async () => {
    let now = NOW;
    const publish = (): Promise<AbortSignal> => new Promise(() => {});
    const { certificate, served } = await start("a", { publish, clock: () => now });
    now = due();
    certificate.look();
    await eventually(() => expect(phaseOf(rotation())).toBe("staged"));
    await sleep(500);
    expect(phaseOf(rotation())).toBe("staged");
    expect(served).toHaveLength(1);
  });

  test("ends without a replica that was killed", async () => {
    let now = NOW;
    const [a, b] = await Promise.all([start("a", { clock: () => now }), start("b", { clock: () => now })]);
    b.kill();
    now = due();
    a.certificate.look();
    await eventually(() => expect(phaseOf(rotation())).toBe("swapped"));
    expect(rotation().replicas.has("b")).toBe(true);
    await eventually(() => expect(phaseOf(rotation())).toBe("steady"));
    expect([...rotation().replicas.keys()]).toEqual(["a"]);
  });

  test("goes on where a replica that was killed has left off", async () => {
    let now = NOW;
    const publish = (): Promise<AbortSignal> => new Promise(() => {});
    const first = await start("a", { publish, clock: () => now });
    now = due();
    first.certificate.look();
    await eventually(() => expect(phaseOf(rotation())).toBe("staged"));
    first.kill();
    const { next } = rotation();
    await start("a", { clock: () => now });
    await eventually(() => expect(phaseOf(rotation())).toBe("steady"));
    expect(rotation().current.id).toBe(next?.id);
  });
});

describe("a Secret that was there before", () => {
  test("of Flyte, immutable, is served, and replaced by one of the same metadata that is rotated", async () => {
    const made = await generation();
    const plain = writePlainSecret(made, [made.ca], newSecret("flyte", "webhook"));
    await api.client.create("/api/v1/namespaces/flyte/secrets", {
      ...plain,
      immutable: true,
      metadata: { name: "webhook", namespace: "flyte", labels: { owner: "helm" } },
    });
    const { served, certificate } = await start("a", { policy: { ...POLICY, overlap: 200, lifetime: 30 * DAY } });
    expect(served[0]?.certificate).toBe(made.certificate);
    await eventually(() => expect(served).toHaveLength(2));
    await eventually(() => expect(phaseOf(rotation())).toBe("steady"));
    expect(api.get(PATH)).toMatchObject({ metadata: { labels: { owner: "helm" } } });
    expect(api.get(PATH)?.immutable).toBeUndefined();
    expect(await certificate.bundle()).toBe(rotation().current.ca.pem);
  });

  test("and is empty, as the chart makes it, is filled without a word of damage", async () => {
    await api.client.create("/api/v1/namespaces/flyte/secrets", newSecret("flyte", "webhook"));
    const replicas = await Promise.all([start("a"), start("b")]);
    expect(new Set(replicas.map(({ served }) => served[0]?.certificate)).size).toBe(1);
    expect(log.codes()).not.toContain("E_CERTIFICATE_SECRET");
  });

  test("of cert-manager is left alone, and named", async () => {
    const secret = writeSecret(begin(FIRST, [], NOW), newSecret("flyte", "webhook"));
    const annotations = { "cert-manager.io/certificate-name": "x" };
    const theirs = { ...secret, metadata: { ...secret.metadata, annotations } };
    await api.client.create("/api/v1/namespaces/flyte/secrets", theirs);
    await expect(start("a")).rejects.toMatchObject({
      code: "E_CERTIFICATE_SECRET",
      message: 'Secret "flyte/webhook" is written by cert-manager',
    });
    expect(api.get(PATH)?.data).toEqual(theirs.data);
  });
});

describe("an API server that does not do what it is asked", () => {
  const failing = (failure: KubernetesFailure) => (call: string) => (call.startsWith("GET") ? undefined : failure);

  test.each([
    ["forbidden", "E_KUBERNETES_FORBIDDEN"],
    ["unauthorized", "E_KUBECONFIG"],
    ["other", "E_KUBERNETES"],
  ] as const)("ends the start with its reason: %s", async (failure, code) => {
    api.failWhen(failing(failure));
    await expect(start("a")).rejects.toMatchObject({ code, message: expect.stringContaining('"flyte/webhook"') });
  });

  test("names what has to be allowed", async () => {
    api.failWhen(failing("forbidden"));
    await expect(start("a")).rejects.toMatchObject({
      fix: expect.stringMatching(/get, list, watch, update and delete the Secret webhook, and to create Secrets/),
    });
  });

  test("is waited for at the start", async () => {
    api.failWhen(() => "unreachable");
    const starting = start("a");
    const told = (): CollectedLine | undefined => log.lines.find(({ level }) => level === "warn");
    await eventually(() => expect(told()).toBeDefined());
    api.failWhen(() => undefined);
    expect((await starting).served).toHaveLength(1);
    expect(told()?.message).toMatch(
      /^E_KUBERNETES_UNREACHABLE: reaching the certificate's Secret flyte\/webhook failed: .*; it is tried again\. Fix: Check the server's address/,
    );
    expect(told()?.fields["code"]).toBe("E_KUBERNETES_UNREACHABLE");
  });

  test("is waited for until the signal ends it", async () => {
    api.failWhen(() => "unreachable");
    const ending = new AbortController();
    const starting = start("a", { signal: ending.signal });
    ending.abort();
    await expect(starting).rejects.toMatchObject({ name: "AbortError" });
  });

  test("changes nothing for who serves already, and is told of once", async () => {
    const { served, certificate } = await start("a");
    api.failWhen(() => "forbidden");
    api.delete(PATH);
    await sleep(600);
    expect(served).toHaveLength(1);
    expect(certificate.state().isWell).toBe(false);
    expect(log.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
    api.failWhen(() => undefined);
    await eventually(() => expect(rotation().current.certificate).toBe(served[0]?.certificate));
    await eventually(() => expect(certificate.state().isWell).toBe(true));
  });
});

test("a clock that finds the next certificate outside its dates is told of once, and the others go on", async () => {
  let now = NOW;
  const { certificate } = await start("a", { clock: () => now, policy: POLICY });
  const staged = stage(rotation(), await generation(NOW + 61 * DAY));
  api.change(PATH, (secret) => writeSecret(staged, secret));
  const warnings = (): readonly string[] =>
    log.lines.filter(({ level }) => level === "warn").map(({ message }) => message);
  await eventually(() => expect(warnings()).toHaveLength(1));
  now += 1000;
  certificate.look();
  await sleep(100);
  expect(warnings()).toEqual([expect.stringMatching(/clock/)]);
  expect(rotation().next?.id).toBe(staged.next?.id);
  expect(certificate.state().isWell).toBe(false);
});

describe("a fault of the rotation", () => {
  const failWithin = (): void =>
    api.failWhen(() => {
      throw new TypeError("canary");
    });

  test("is told of by its class, once, and what was to be done is tried again", async () => {
    const { served, certificate } = await start("a");
    failWithin();
    api.delete(PATH);
    await eventually(() => expect(certificate.state().isWell).toBe(false));
    await sleep(600);
    expect(log.lines.filter(({ level }) => level === "error")).toEqual([
      {
        level: "error",
        message: "the certificate's rotation failed, and is tried again: TypeError",
        fields: { failure: "fault" },
      },
    ]);
    api.failWhen(() => undefined);
    await eventually(() => expect(rotation().current.certificate).toBe(served[0]?.certificate));
    await eventually(() => expect(certificate.state().isWell).toBe(true));
  });

  test("at the start is tried again, too", async () => {
    failWithin();
    const starting = start("a");
    await eventually(() => expect(log.lines.map(({ level }) => level)).toContain("error"));
    api.failWhen(() => undefined);
    expect((await starting).served).toHaveLength(1);
    expect(JSON.stringify(log.lines)).not.toContain("canary");
  });

  test("of whoever takes a new certificate is no reason to leave it out", async () => {
    let now = NOW;
    const { certificate } = await start("a", { clock: () => now });
    const taken: string[] = [];
    certificate.follow((next) => {
      taken.push(next.certificate);
      if (taken.length === 1) throw new TypeError("canary");
    });
    now += 61 * DAY;
    certificate.look();
    await eventually(() => expect(taken).toEqual([taken[0], taken[0]]));
    await eventually(() => expect(phaseOf(rotation())).toBe("steady"));
    expect(rotation().current.certificate).toBe(taken[0]);
  });
});

test("a replica that is about to go puts nothing back, such as while an installation is removed", async () => {
  const { certificate, served } = await start("a");
  certificate.retire();
  api.delete(PATH);
  await sleep(500);
  expect(api.get(PATH)).toBeUndefined();
  await certificate.leave();
  expect(served).toHaveLength(1);
});

test("a replica that leaves takes its note with it", async () => {
  const [a, b] = await Promise.all([start("a"), start("b")]);
  await a.certificate.leave();
  expect([...rotation().replicas.keys()]).toEqual(["b"]);
  expect(b.served).toHaveLength(1);
});
