/**
 * The certificate that replicas share and renew, against a real API server: pods are created without pause while it is
 * rotated, while replicas are killed, and while somebody deletes and damages its Secret.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";

import { builtCommand, runBuilt } from "../../apps/webhook/test/cli/built-command.ts";
import { describeApi } from "../../apps/webhook/test/certificates/api-contract.ts";
import { openKubernetes } from "../../apps/webhook/src/kubernetes/open-client.ts";
import { startControlPlane, type ControlPlane } from "../cluster/src/index.ts";
import { apiClient, type ApiClient } from "./rig/api-client.ts";
import { startBalancer, type Balancer } from "./rig/balancer.ts";
import { certificateSecret, type CertificateSecret } from "./rig/certificate-secret.ts";
import { createGate } from "./rig/gate.ts";
import { startLoad, type Load } from "./rig/load.ts";
import { makeFlyteCertificate } from "./rig/flyte-leftovers.ts";
import { createNamespace } from "./rig/namespace.ts";
import { runRegistrar } from "./rig/registrar.ts";
import { missingSecret, taskPod } from "./rig/pods.ts";
import { REGISTRATIONS, unregister } from "./rig/registration.ts";
import { startReplica, type Replica } from "./rig/replica.ts";
import { sized } from "./rig/size.ts";

const REGISTRATION = "flyte-pod-webhook";
const NAMESPACE = "team";
const OWN_NAMESPACE = "flyte";
const CREATORS = 25;
const REPLICAS = 3;
/** Seconds; in a cluster it is a quarter of an hour. */
const OVERLAP = 2;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const command = builtCommand();
let folder = "";
let cluster: ControlPlane;
let api: ApiClient;
let balancer: Balancer;
let secret: CertificateSecret;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "certificates-"));
  cluster = await startControlPlane();
  api = await apiClient(cluster);
  balancer = await startBalancer();
  secret = certificateSecret(api, OWN_NAMESPACE);
  await createNamespace(api, NAMESPACE);
  await createNamespace(api, OWN_NAMESPACE);
  writeFileSync(join(folder, "config.yaml"), JSON.stringify(config()));
});

afterAll(async () => {
  api?.[Symbol.dispose]();
  await balancer?.[Symbol.asyncDispose]();
  await cluster?.stop();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  await unregister(api, REGISTRATION, NAMESPACE);
  await secret.remove();
});

function config(): object {
  return {
    // Connections are young, so that there are handshakes all the time.
    server: { certificates: { overlapSeconds: OVERLAP }, connectionSeconds: 1, drainSeconds: 1 },
    kubernetes: { kubeconfig: cluster.kubeconfig, namespace: OWN_NAMESPACE },
    registration: {
      url: `https://127.0.0.1:${balancer.port}`,
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": NAMESPACE } },
    },
  };
}

function start(name: string, file = "config.yaml"): Promise<Replica> {
  const args = ["--config", join(folder, file)];
  setClock(name, 0);
  return startReplica({
    program: command().program,
    args,
    environment: { POD_NAME: name, POD_SECRETS_CLOCK_SHIFT: join(folder, `${name}.clock`) },
    node: ["--import", join(import.meta.dirname, "rig/shifted-clock.mjs")],
  });
}

/** Sets the clock on the wall of a replica, in milliseconds from what is right. */
function setClock(name: string, shift: number): void {
  writeFileSync(join(folder, `${name}.clock`), String(shift));
}

/** Replicas behind one address, until the test ends. */
async function startDeployment(): Promise<Replica[]> {
  const starting = Array.from({ length: REPLICAS }, (_, index) => start(`replica-${index}`));
  const replicas = await Promise.all(starting);
  onTestFinished(async () => {
    await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()));
  });
  serveBy(replicas);
  await Promise.all(replicas.map((replica) => replica.ready()));
  return replicas;
}

function serveBy(replicas: readonly Replica[]): void {
  balancer.setEndpoints(replicas.map(({ port }) => port));
}

function load(): Load {
  return startLoad({ api, namespace: NAMESPACE, creators: CREATORS, pod: taskPod(), problem: missingSecret });
}

/** Rotates as an operator does. */
async function rotate(): Promise<void> {
  const args = ["init-certs", "--config", join(folder, "config.yaml"), "--force"];
  expect(await runBuilt(command().program, args)).toMatchObject({ exit: 0, stderr: expect.stringContaining("next") });
}

async function caBundle(name = REGISTRATION): Promise<string> {
  interface Registration {
    readonly webhooks: readonly { readonly clientConfig: { readonly caBundle: string } }[];
  }
  const { body } = await api.send<Registration>("GET", `${REGISTRATIONS}/${name}`);
  return Buffer.from(body.webhooks[0]?.clientConfig.caBundle ?? "", "base64").toString();
}

/** Steady, and served and trusted by all. */
async function settled(replicas: readonly Replica[]): Promise<void> {
  await secret.until("steady");
  expect((await secret.read()).notes).toHaveLength(replicas.length);
  // The old CA leaves the registration a moment after it has left the Secret.
  await vi.waitFor(async () => expect(await caBundle()).toBe((await secret.read()).text("ca.crt")), {
    timeout: 15_000,
  });
}

describe("a rotation", () => {
  test(
    "loses no admission, time after time",
    async () => {
      const replicas = await startDeployment();
      const running = load();
      const seen = new Set<string>();
      const rotations = sized(10, 30);
      const pods = sized(500, 20_000);
      for (let rotation = 0; rotation < rotations || running.created() < pods; rotation += 1) {
        await rotate();
        await secret.until("steady");
        seen.add((await secret.read()).text("tls.crt"));
      }
      const { created, failures, durations } = await running.stop();
      await settled(replicas);

      expect(failures).toEqual([]);
      expect(seen.size).toBeGreaterThanOrEqual(rotations);
      expect(created).toBeGreaterThanOrEqual(pods);
      const p99 = durations[Math.floor(durations.length * 0.99)];
      console.log(`${created} pods in ${seen.size} rotations of ${REPLICAS} replicas, 0 failed; p99 ${p99} ms`);
    },
    sized(240_000, 3_600_000),
  );
});

describe("a replica that is killed", () => {
  test.each(["staged", "published", "swapped"] as const)(
    "while the rotation is %s, does not keep it from its end, whoever goes on",
    async (phase) => {
      const replicas = await startDeployment();
      const running = load();
      await rotate();
      await secret.until(phase);
      const killed = Date.now();
      const [victim] = replicas.splice(0, 1);
      victim?.signal("SIGKILL");
      serveBy(replicas);
      replicas.push(await start("replica-0"));
      await replicas.at(-1)?.ready();
      serveBy(replicas);
      await secret.until("steady");
      const { failures } = await running.stop();
      await settled(replicas);

      // Whoever was on the way to it, or was sent there before its end was known.
      expect(failures.filter(({ started, ended }) => started > killed + UNKNOWN || ended < killed)).toEqual([]);
      expect(failures.length).toBeLessThanOrEqual(CREATORS);
    },
  );

  test(
    "at any moment, with any other, leaves a rotation that ends",
    async () => {
      const replicas = await startDeployment();
      const kills = sized(6, 60);
      for (let kill = 0; kill < kills; kill += 1) {
        await rotate();
        await sleep(Math.random() * 4 * OVERLAP * 1000);
        const index = kill % REPLICAS;
        replicas[index]?.signal("SIGKILL");
        replicas[index] = await start(`replica-${index}`);
        serveBy(replicas);
      }
      const ending = performance.now();
      await secret.until("steady");
      expect(performance.now() - ending).toBeLessThan(30_000);
      const running = load();
      await sleep(1000);
      expect((await running.stop()).failures).toEqual([]);
      await settled(replicas);
    },
    sized(240_000, 7_200_000),
  );
});

/** Milliseconds until the end of a process has come through the balancer, on a busy machine. */
const UNKNOWN = 500;

describe("a Secret that somebody", () => {
  test("deletes, empties, cuts or replaces, is put back with the same CA, and no admission is lost", async () => {
    const replicas = await startDeployment();
    const before = (await secret.read()).text("tls.crt");
    const other = await cluster.authority.issueServer("other", ["127.0.0.1"]);
    const running = load();
    const times: number[] = [];
    const harms: readonly (() => Promise<void>)[] = [
      () => secret.remove(),
      () => secret.change((object) => ({ ...object, data: {} })),
      () => secret.put({ "tls.key": "" }),
      () => secret.cut("tls.crt", 100),
      () => secret.cut("ca.crt", 300),
      () => secret.put({ "tls.crt": other.certificate, "tls.key": other.key, "ca.crt": cluster.caCertificate }),
      () => secret.change((object) => ({ ...object, metadata: { ...object.metadata, annotations: {} } })),
    ];
    for (let time = 0; time < sized(2, 10); time += 1)
      for (const harm of harms) {
        await harm();
        const harmed = performance.now();
        await secret.until("steady", ({ text, notes }) => text("tls.crt") === before && notes.length === REPLICAS);
        times.push(performance.now() - harmed);
      }
    const { failures } = await running.stop();
    await settled(replicas);

    expect(failures).toEqual([]);
    expect(Math.max(...times)).toBeLessThan(10_000);
    console.log(`${times.length} times put back, at most after ${Math.round(Math.max(...times))} ms`);
  });
});

describe("the API server does what the rotation relies on", () => {
  const ending = new AbortController();
  afterAll(() => ending.abort());
  let opened: Awaited<ReturnType<typeof openKubernetes>>;
  beforeAll(async () => {
    opened = await openKubernetes({ kubeconfig: cluster.kubeconfig, signal: ending.signal });
  });
  describeApi(() => ({ client: opened.client, namespace: OWN_NAMESPACE }));
});

describe("a replica that lags", () => {
  test("does not put back the CA bundle that others have replaced", async () => {
    const section = { name: "lagging", url: "https://127.0.0.1:1", namespaceSelector: { matchLabels: { never: "" } } };
    const [old, next] = [makeFlyteCertificate().ca, makeFlyteCertificate().ca];
    let current = old;
    const settings = { kubeconfig: cluster.kubeconfig, section, currentBundle: async () => current };
    const [lagging, quick] = [await runRegistrar(settings), await runRegistrar(settings)];
    await Promise.all([lagging.publish(old), quick.publish(old)]);
    current = `${old}${next}`;
    await quick.publish(current);
    await sleep(1500);
    expect(await caBundle("lagging")).toBe(current);
    // It has not even heard of it by `publish`.
    expect(lagging.writes.filter((write) => write !== "create")).toEqual([]);
  });
});

describe("replicas that start at once", () => {
  test("10 of them share one CA, and all are ready", async () => {
    for (let time = 0; time < sized(1, 5); time += 1) {
      await secret.remove();
      const begun = performance.now();
      const replicas = await Promise.all(Array.from({ length: 10 }, (_, index) => start(`many-${index}`)));
      serveBy(replicas);
      await Promise.all(replicas.map((replica) => replica.ready()));
      const took = performance.now() - begun;
      const { cas, notes } = await secret.read();
      expect(cas).toHaveLength(1);
      expect(notes).toHaveLength(10);
      expect(await caBundle()).toBe((await secret.read()).text("ca.crt"));
      console.log(`10 replicas ready after ${Math.round(took)} ms on ${navigator.hardwareConcurrency} cores`);
      await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()));
    }
  });
});

describe("Flyte's Secret, valid for 99 years and immutable,", () => {
  test("is served as it is, then rotated out without losing an admission", async () => {
    const flyte = await secret.putFlyte({ labels: { "app.kubernetes.io/managed-by": "Helm" } });
    const replicas = await startDeployment();
    const running = load();
    await secret.until("steady", ({ text }) => text("tls.crt") !== flyte.certificate);
    const { failures, created } = await running.stop();
    await settled(replicas);

    expect(failures).toEqual([]);
    expect(created).toBeGreaterThan(0);
    const { object, cas } = await secret.read();
    expect(object).not.toHaveProperty("immutable");
    expect(object.metadata.labels).toEqual({ "app.kubernetes.io/managed-by": "Helm" });
    expect(cas).toHaveLength(1);
  });
});

describe("a clock on the wall", () => {
  test.each([
    ["a day ahead", DAY],
    ["a day behind", -DAY],
    ["a year ahead", 365 * DAY],
    ["a year behind", -365 * DAY],
  ])("that jumps %s, of one replica and then of all, loses no admission", async (_name, shift) => {
    const replicas = await startDeployment();
    const running = load();
    setClock("replica-0", shift);
    await sleep(4 * OVERLAP * 1000);
    for (let index = 1; index < REPLICAS; index += 1) setClock(`replica-${index}`, shift);
    await sleep(4 * OVERLAP * 1000);
    for (let index = 0; index < REPLICAS; index += 1) setClock(`replica-${index}`, 0);
    await rotate();
    await secret.until("steady");
    const { failures, created } = await running.stop();
    await settled(replicas);

    expect(failures).toEqual([]);
    expect(created).toBeGreaterThan(100);
    for (const replica of replicas) expect(spanOfLog(replica)).toBeGreaterThan(Math.abs(shift) - HOUR);
  });
});

/** Milliseconds between the earliest and the latest time in the log of a replica: it has seen the jump. */
function spanOfLog(replica: Replica): number {
  const times = replica.lines().map((line) => Date.parse((JSON.parse(line) as { readonly time: string }).time));
  return Math.max(...times) - Math.min(...times);
}

describe("an API server that is away", () => {
  test("is waited for at the start", async () => {
    const gate = await createGate(Number(new URL(cluster.server).port));
    const kubeconfig = join(folder, "through-the-gate.kubeconfig");
    writeFileSync(kubeconfig, cluster.adminKubeconfig.replace(cluster.server, `https://127.0.0.1:${gate.port}`));
    const away = { ...config(), kubernetes: { kubeconfig, namespace: OWN_NAMESPACE } };
    writeFileSync(join(folder, "away.yaml"), JSON.stringify(away));
    const starting = start("replica-0", "away.yaml");
    await sleep(3000);
    await gate.open();
    const replica = await starting;
    onTestFinished(() => replica[Symbol.asyncDispose]());
    await replica.ready();
    expect(replica.lines().filter((line) => line.includes('"level":"warn"'))).toHaveLength(1);
  });

  test("in each phase of a rotation, delays it and no more", async () => {
    const replicas = await startDeployment();
    const running = load();
    for (const phase of ["staged", "published", "swapped"] as const) {
      await rotate();
      await secret.until(phase);
      await cluster.restartApiServer();
      await secret.until("steady");
    }
    const before = running.created();
    await sleep(1000);
    const { created, failures } = await running.stop();

    // The API server itself is away meanwhile; nothing that it says is about the webhook.
    expect(failures.filter(({ message }) => /webhook|no secret|x509/.test(message))).toEqual([]);
    expect(created - before).toBeGreaterThan(CREATORS);
    await settled(replicas);
  });
});
