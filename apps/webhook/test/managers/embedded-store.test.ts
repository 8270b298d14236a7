/** A store that hangs, breaks or comes back, behind the real webhook, over HTTPS: what of it do admissions feel? */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { Agent } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";

import { INJECT_LABEL, type Pod } from "@pod-secrets/core";
import { secretRequests, testPod, withRequests } from "@pod-secrets/injector-testkit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { responseIn, reviewOf } from "../server/reviews.ts";
import { startWebhook, type StartedWebhook } from "../server/started-webhook.ts";
import { answeringAll } from "./secrets-manager.ts";

const AT_ONCE = 8;
/** Milliseconds. */
const BUDGET = 600;
const PAUSE = 1000;

/** Secrets Manager, as far as it matters here. */
interface PlayedStore {
  behaviour: "answers" | "hangs" | "fails";
  asked: number;
  readonly sockets: Set<Socket>;
  /** Most connections that were open at once. */
  mostSockets: number;
}

let store: PlayedStore;
let server: Server;
let webhook: StartedWebhook;
let agent: Agent;

beforeEach(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "key");
  store = { behaviour: "answers", asked: 0, sockets: new Set(), mostSockets: 0 };
  server = createServer((request, response) => {
    store.asked++;
    if (store.behaviour !== "answers") request.resume();
    if (store.behaviour === "hangs") return;
    if (store.behaviour === "fails") return void response.writeHead(500).end();
    answeringAll("hunter2")(request, response);
  });
  server.on("connection", (socket: Socket) => {
    store.sockets.add(socket);
    store.mostSockets = Math.max(store.mostSockets, store.sockets.size);
    socket.on("close", () => store.sockets.delete(socket));
  });
  agent = new Agent({ keepAlive: true, maxSockets: 25 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  webhook = await startWebhook({
    config: `global: false
managers:
  - use: k8s
  - use: embedded
    options:
      accept: values-in-pods
      store: { type: aws, settings: { region: us-east-1, endpoints: { secretsmanager: "${endpoint}" } } }
      scope: { namespace: "*" }
      reads: { timeoutSeconds: 0.3, budgetSeconds: ${BUDGET / 1000}, atOnce: ${AT_ONCE}, failures: 5, pauseSeconds: ${PAUSE / 1000} }
`,
  });
});

afterEach(async () => {
  agent.destroy();
  await webhook[Symbol.asyncDispose]();
  server.closeAllConnections();
  server.close();
  vi.unstubAllEnvs();
});

interface Admitted {
  readonly allowed: boolean;
  readonly message: string;
}

/** How many admissions took the webhook longer than so many seconds, by its own metric. */
async function slowerThan(seconds: string): Promise<number> {
  const { text } = await webhook.operations("/metrics");
  const count = (sample: string): number =>
    Number(new RegExp(`^pod_secrets_admission_duration_seconds_${sample} (\\d+)$`, "m").exec(text)?.[1]);
  return count("count") - count(String.raw`bucket\{le="${seconds}"\}`);
}

/** The creation of a pod that asks for one secret: of the store without a group, and else of Kubernetes. */
async function create(key: string, group: string = ""): Promise<Admitted> {
  const labels = { [INJECT_LABEL]: "true", organization: "flyte", project: "billing", domain: "production" };
  const pod: Pod = testPod();
  const asking = withRequests(
    { ...pod, metadata: { ...pod.metadata, labels } },
    secretRequests([{ group, key, mountRequirement: "ENV_VAR" }]),
  );
  const { allowed, status } = responseIn(await webhook.post(reviewOf(asking), { agent }));
  return { allowed, message: status?.message ?? "" };
}

function codesOf(admissions: readonly Admitted[]): ReadonlySet<string> {
  return new Set(admissions.map(({ message }) => /embedded\/[a-z-]+/.exec(message)?.[0] ?? "none"));
}

describe("while the store hangs", () => {
  test("every admission ends within its budget, those of other managers as ever, and nothing piles up", async () => {
    store.behaviour = "hangs";
    await create("name", "user-info");
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const before = process.memoryUsage().heapUsed;
    const rounds = Array.from({ length: 10 }, async (_none, round) => {
      await sleep(round * 150);
      return Promise.all(
        Array.from({ length: 20 }, async (_one, index) => ({
          ofStore: await create(`key-${round}-${index}`),
          ofKubernetes: await create("name", "user-info"),
        })),
      );
    });
    const admissions = (await Promise.all(rounds)).flat();
    delay.disable();
    const ofStore = admissions.map((admission) => admission.ofStore);
    const ofKubernetes = admissions.map((admission) => admission.ofKubernetes);

    expect(ofStore.filter(({ allowed }) => allowed)).toEqual([]);
    expect(codesOf(ofStore)).toEqual(new Set(["embedded/timeout", "embedded/paused"]));
    expect(await slowerThan("1")).toBe(0);
    expect(ofKubernetes.filter(({ allowed }) => !allowed)).toEqual([]);
    // The end of one that was given up is seen a moment later.
    expect(store.mostSockets).toBeLessThanOrEqual(2 * AT_ONCE);
    // A few times the reads that open it, of 200 pods with a secret each.
    expect(store.asked).toBeLessThan(60);
    expect(delay.percentile(50) / 1e6).toBeLessThan(100);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(128 * 1024 * 1024);
  });

  test("what was read before is given all the same", async () => {
    expect(await create("known")).toMatchObject({ allowed: true });
    store.behaviour = "hangs";
    expect(codesOf(await Promise.all([create("a"), create("b")]))).toEqual(new Set(["embedded/timeout"]));
    expect(await create("known")).toMatchObject({ allowed: true });
  });
});

test("a store that fails is left alone, and asked again when it may work", async () => {
  store.behaviour = "fails";
  for (let index = 0; index < 5; index++)
    expect(codesOf([await create(`key-${index}`)])).toEqual(new Set(["embedded/unavailable"]));
  const { asked } = store;
  expect(codesOf(await Promise.all([create("a"), create("b"), create("c")]))).toEqual(new Set(["embedded/paused"]));
  expect(store.asked).toBe(asked);

  store.behaviour = "answers";
  await sleep(PAUSE);
  expect(await create("a")).toMatchObject({ allowed: true });
  const { text } = await webhook.operations("/metrics");
  expect(text).toContain('pod_secrets_injector_events_total{injector="embedded",event="store-paused"} 1');
  expect(text).toContain('pod_secrets_injector_events_total{injector="embedded",event="store-resumed"} 1');
  expect(text).toMatch(/pod_secrets_refusals_total\{code="embedded\/paused"\} 3/);
});

test("no value is in a log line, a metric or an audit annotation", async () => {
  const asking = withRequests(
    {
      ...testPod(),
      metadata: { labels: { [INJECT_LABEL]: "true", organization: "flyte", project: "billing", domain: "production" } },
    },
    secretRequests([{ key: "token", mountRequirement: "ENV_VAR" }]),
  );
  const { patch, ...response } = responseIn(await webhook.post(reviewOf(asking)));

  expect(Buffer.from(patch ?? "", "base64").toString()).toContain("hunter2");
  expect(JSON.stringify(response)).not.toContain("hunter2");
  expect(JSON.stringify(await webhook.logged())).not.toContain("hunter2");
  expect((await webhook.operations("/metrics")).text).not.toContain("hunter2");
});
