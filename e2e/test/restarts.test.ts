/** Pods are created without pause while replicas of the webhook, and the API server, go and come. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { builtCommand } from "../../apps/webhook/test/cli/built-command.ts";
import { startControlPlane, type ControlPlane } from "../cluster/src/index.ts";
import { apiClient, type ApiClient } from "./rig/api-client.ts";
import { startBalancer, type Balancer } from "./rig/balancer.ts";
import { startLoad } from "./rig/load.ts";
import { createNamespace } from "./rig/namespace.ts";
import { missingSecret, taskPod } from "./rig/pods.ts";
import { register, unregister } from "./rig/registration.ts";
import { startReplica, type Replica } from "./rig/replica.ts";
import { sized } from "./rig/size.ts";

const REGISTRATION = "flyte-pod-webhook";
const NAMESPACE = "team";
const CREATORS = 25;
const REPLICAS = 3;

const command = builtCommand();
let folder = "";
let cluster: ControlPlane;
let api: ApiClient;
let balancer: Balancer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "restarts-"));
  cluster = await startControlPlane();
  api = await apiClient(cluster);
  balancer = await startBalancer();
  await createNamespace(api, NAMESPACE);
  const { certificate, key } = await cluster.authority.issueServer("webhook", ["127.0.0.1"]);
  writeFileSync(join(folder, "tls.crt"), certificate);
  writeFileSync(join(folder, "tls.key"), key);
  writeFileSync(join(folder, "ca.crt"), cluster.caCertificate);
});

afterAll(async () => {
  api?.[Symbol.dispose]();
  await balancer?.[Symbol.asyncDispose]();
  await cluster?.stop();
  rmSync(folder, { recursive: true });
});

/** A replica with the certificate that all share. */
function start(): Promise<Replica> {
  return startReplica({ program: command().program, args: ["--certificates", folder] });
}

/** Replicas behind one address, registered until the test ends. */
async function startDeployment(): Promise<Replica[]> {
  const replicas = await Promise.all(Array.from({ length: REPLICAS }, start));
  onTestFinished(async () => {
    await unregister(api, REGISTRATION, NAMESPACE);
    await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()));
  });
  await Promise.all(replicas.map((replica) => replica.ready()));
  serveBy(replicas);
  const url = `https://127.0.0.1:${balancer.port}/mutate--v1-pod`;
  await register(api, REGISTRATION, { url, caFile: join(folder, "ca.crt"), namespace: NAMESPACE });
  return replicas;
}

function serveBy(replicas: readonly Replica[]): void {
  balancer.setEndpoints(replicas.map(({ port }) => port));
}

function load() {
  return startLoad({ api, namespace: NAMESPACE, creators: CREATORS, pod: taskPod(), problem: missingSecret });
}

test(
  "rolling restarts lose no admission, though the endpoints lag behind",
  async () => {
    const replicas = await startDeployment();
    const running = load();
    for (let roll = 0; roll < sized(4, 20); roll += 1) {
      for (let index = 0; index < REPLICAS; index += 1) {
        // maxSurge 1, maxUnavailable 0: the new one is ready before the old one goes.
        const next = await start();
        await next.ready();
        const old = replicas.splice(index, 1, next)[0];
        serveBy([...replicas, ...(old === undefined ? [] : [old])]);
        old?.signal("SIGTERM");
        await sleep(ENDPOINT_LAG);
        serveBy(replicas);
        expect(await old?.ended).toBe(0);
      }
    }
    const { created, failures } = await running.stop();

    expect(failures).toEqual([]);
    expect(created).toBeGreaterThan(sized(500, 5000));
    console.log(`${created} pods in ${sized(4, 20)} rolls of ${REPLICAS} replicas, ${failures.length} failed`);
  },
  sized(300_000, 3_600_000),
);

/** Milliseconds during which a node still sends to a replica that is leaving. */
const ENDPOINT_LAG = 2000;

test("a replica that is killed takes only the admissions with it that it was answering", async () => {
  const replicas = await startDeployment();
  const running = load();
  const kills: number[] = [];
  for (let kill = 0; kill < sized(5, 20); kill += 1) {
    await sleep(1000);
    const [victim] = replicas.splice(kill % REPLICAS, 1);
    kills.push(Date.now());
    victim?.signal("SIGKILL");
    serveBy(replicas);
    const next = await start();
    await next.ready();
    replicas.push(next);
    serveBy(replicas);
  }
  const { failures } = await running.stop();

  // Whoever was on the way to it, or was sent there before its end was known: at most one pod per creator.
  const others = failures.filter(
    ({ started, ended }) => !kills.some((kill) => started <= kill + UNKNOWN && ended >= kill),
  );
  expect(others).toEqual([]);
  expect(failures.length).toBeLessThanOrEqual(kills.length * CREATORS);
  console.log(`${failures.length} pods failed with ${kills.length} kills of one of ${REPLICAS} replicas`);
});

/** Milliseconds until the end of a process has come through the balancer, on a busy machine. */
const UNKNOWN = 500;

test("an API server that restarts gets right answers at once", async () => {
  await startDeployment();
  const running = load();
  for (let restart = 0; restart < sized(2, 5); restart += 1) {
    await sleep(1000);
    await cluster.restartApiServer();
  }
  const before = running.created();
  await sleep(1000);
  const { created, failures } = await running.stop();

  expect(created - before).toBeGreaterThan(CREATORS);
  // The API server itself is away meanwhile; nothing that it says afterwards is about the webhook.
  expect(failures.filter(({ message }) => /webhook|no secret|x509/.test(message))).toEqual([]);
});
