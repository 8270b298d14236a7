/**
 * Events of refusals, by the real client over TLS. What the API server really takes is tested in `e2e/test/telemetry.test.ts`.
 */
import { Agent } from "node:https";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Pod } from "@pod-secrets/core";

import { NO_TELEMETRY, openTelemetry, type Telemetry } from "../../../src/compose/telemetry.ts";
import { createEventWriter, type EventPace, type EventWriter } from "../../../src/telemetry/events/event-writer.ts";
import { connectTo, json, startDouble, type Answer, type ApiDouble, type Asked } from "../../kubernetes/api-double.ts";
import { A_SECRET, NO_SECRET, podWith, responseIn, reviewOf } from "../../server/reviews.ts";
import { startWebhook, type StartedWebhook } from "../../server/started-webhook.ts";

const EVENTS = "/api/v1/namespaces/flytesnacks-development/events";
const REPLICA_SET = {
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  name: "train-5d9c",
  uid: "0a4fd0a5-3b0c-4b4e-9c53-4b8b7d0e2a10",
  controller: true,
};
const FAST: EventPace = { any: 1, same: 30, failed: 30, forbidden: 30 };

interface Rig {
  readonly api: ApiDouble;
  readonly webhook: StartedWebhook;
  readonly writer: EventWriter;
  readonly agent: Agent;
  /** What was written so far. */
  readonly written: () => readonly { readonly asked: Asked; readonly body: EventBody }[];
}

interface EventBody extends Record<string, unknown> {
  readonly metadata: { readonly name: string };
}

const takeAll: Answer = ({ method, body }, response) => {
  json(response, method === "POST" ? 201 : 200, method === "POST" ? JSON.parse(body) : {});
};

async function startRig(answer: Answer = takeAll, pace = FAST, config?: string): Promise<Rig> {
  const api = await startDouble(answer);
  const { client } = await connectTo(api, { timeLimit: 60_000 });
  const stopping = new AbortController();
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let writer: EventWriter | undefined;
  const webhook = await startWebhook({
    ...(config === undefined ? {} : { config }),
    telemetry: (log): Telemetry => {
      writer = createEventWriter({ connect: async () => client, log, clock: Date.now, signal: stopping.signal, pace });
      return { ...NO_TELEMETRY, record: writer.record, events: writer.counts };
    },
  });
  onTestFinished(async () => {
    stopping.abort();
    agent.destroy();
    await webhook[Symbol.asyncDispose]();
  });
  if (writer === undefined) throw new Error("the webhook made no writer");
  const written = (): ReturnType<Rig["written"]> =>
    api.asked.map((asked) => ({ asked, body: JSON.parse(asked.body) as EventBody }));
  return { api, webhook, writer, agent, written };
}

function owned(pod: Pod, owner: object = REPLICA_SET): Pod {
  return { ...pod, metadata: { ...pod.metadata, ownerReferences: [owner as never] } };
}

async function refuse(
  { webhook, agent }: Rig,
  pod: Pod = owned(podWith(NO_SECRET)),
  request: object = {},
): Promise<string> {
  const { allowed, status } = responseIn(await webhook.post(reviewOf(pod, request), { agent }));
  expect(allowed).toBe(false);
  return status?.message ?? "";
}

describe("the Event of a refused pod", () => {
  test("stands at the controller of the pod, with the message that its creator gets", async () => {
    const rig = await startRig();
    const message = await refuse(rig);
    await expect.poll(rig.written).toHaveLength(1);
    const { controller: _, ...target } = REPLICA_SET;
    expect(rig.written()[0]).toMatchObject({
      asked: { method: "POST", url: expect.objectContaining({ pathname: EVENTS }) as unknown },
      body: {
        apiVersion: "v1",
        kind: "Event",
        metadata: {
          name: expect.stringMatching(/^train-5d9c\.[0-9a-f]{16}$/) as unknown,
          namespace: "flytesnacks-development",
        },
        involvedObject: { ...target, namespace: "flytesnacks-development" },
        type: "Warning",
        reason: "SecretsRefused",
        message,
        count: 1,
        source: { component: "pod-secrets" },
        reportingComponent: "pod-secrets",
        firstTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown,
      },
    });
  });

  test("stands at the pod's name where nothing controls it, also where that name is no name", async () => {
    const rig = await startRig();
    await refuse(rig, podWith(NO_SECRET));
    await expect.poll(rig.written).toHaveLength(1);
    const pod = { apiVersion: "v1", kind: "Pod", namespace: "flytesnacks-development" };
    expect(rig.written()[0]?.body["involvedObject"]).toEqual({ ...pod, name: "task" });
    const nameless = podWith(NO_SECRET);
    await refuse(rig, { ...nameless, metadata: { ...nameless.metadata, name: "../../secrets\n" } });
    await expect.poll(rig.written).toHaveLength(2);
    expect(rig.written()[1]?.body["involvedObject"]).toEqual({ ...pod, name: "unnamed" });
  });

  test("stands in the namespace of the request, whatever the pod says", async () => {
    const rig = await startRig();
    const pod = owned(podWith(NO_SECRET));
    await refuse(rig, { ...pod, metadata: { ...pod.metadata, namespace: "kube-system" } });
    await expect.poll(rig.written).toHaveLength(1);
    expect(rig.api.asked[0]?.url.pathname).toBe(EVENTS);
  });

  test("is not there for a dry run, for a pod that gets its secrets, and for a namespace that is none", async () => {
    const rig = await startRig();
    await refuse(rig, owned(podWith(NO_SECRET)), { dryRun: true });
    await refuse(rig, owned(podWith(NO_SECRET)), { namespace: "../../api/v1/secrets" });
    await rig.webhook.post(reviewOf(owned(podWith(A_SECRET))));
    // This one comes after them.
    await refuse(rig, owned(podWith(NO_SECRET), { ...REPLICA_SET, name: "last" }));
    await expect.poll(rig.written).toHaveLength(1);
    expect(rig.written()[0]?.body["involvedObject"]).toMatchObject({ name: "last" });
  });

  test("tells also of a pod that starts without its secrets", async () => {
    const rig = await startRig(takeAll, FAST, "{ onFailure: admit, managers: [{ use: k8s }] }");
    await rig.webhook.post(reviewOf(owned(podWith(NO_SECRET))));
    await expect.poll(rig.written).toHaveLength(1);
    expect(rig.written()[0]?.body).toMatchObject({ reason: "SecretsLeftOut", type: "Warning" });
  });
});

describe("the same refusal again", () => {
  test("is counted in the same Event, not more often than is good", async () => {
    const same = 700;
    const rig = await startRig(takeAll, { ...FAST, same });
    const began = performance.now();
    for (let times = 0; times < 21; times++) await refuse(rig);
    await expect.poll(() => rig.writer.counts().written, { timeout: 10_000 }).toBe(21);
    expect(rig.written().length).toBeLessThanOrEqual(1 + (performance.now() - began) / same);
    const [first] = rig.written();
    const last = rig.written().at(-1);
    expect(last?.asked).toMatchObject({ method: "PATCH", headers: { "content-type": "application/json-patch+json" } });
    expect(last?.asked.url.pathname).toBe(`${EVENTS}/${first?.body.metadata.name}`);
    expect(last?.body).toMatchObject([
      { op: "replace", path: "/count", value: 21 },
      { op: "replace", path: "/lastTimestamp" },
      { op: "replace", path: "/message" },
    ]);
  });

  test("is a new Event when the API server has forgotten the old one", async () => {
    const rig = await startRig(({ method, body }, response) => {
      if (method === "PATCH") return json(response, 404, { kind: "Status", reason: "NotFound", code: 404 });
      return json(response, 201, JSON.parse(body));
    });
    await refuse(rig);
    await expect.poll(rig.written).toHaveLength(1);
    await refuse(rig);
    await expect.poll(rig.written).toHaveLength(3);
    expect(rig.written().map(({ asked }) => asked.method)).toEqual(["POST", "PATCH", "POST"]);
    expect(rig.written()[2]?.body).toMatchObject({ count: 1 });
  });

  test("of another object or another kind is another Event", async () => {
    const rig = await startRig();
    await refuse(rig);
    await refuse(rig, owned(podWith(NO_SECRET), { ...REPLICA_SET, name: "other" }));
    await refuse(rig, owned(podWith(NO_SECRET), { ...REPLICA_SET, apiVersion: "batch/v1", kind: "Job" }));
    await expect.poll(rig.written).toHaveLength(3);
    expect(rig.written().map(({ asked }) => asked.method)).toEqual(["POST", "POST", "POST"]);
  });
});

describe("an API server that", () => {
  const refuseAll: Answer = (_, response) =>
    json(response, 403, {
      kind: "Status",
      status: "Failure",
      reason: "Forbidden",
      message: "events is forbidden",
      code: 403,
    });

  test("does not permit it costs the Events, one line in the log, and no admission", async () => {
    const rig = await startRig(refuseAll);
    await refuse(rig);
    await expect.poll(() => rig.writer.counts().failed).toBe(1);
    await refuse(rig);
    await expect.poll(() => rig.writer.counts().failed).toBe(2);
    const warnings = (await rig.webhook.logged()).filter(({ code }) => code === "W_EVENTS");
    expect(warnings).toEqual([expect.objectContaining({ level: "warn" })]);
    expect((await rig.webhook.operations("/metrics")).text).toContain('pod_secrets_events_total{outcome="failed"} 2');
  });

  test.each([
    [
      "is on its way out",
      {
        code: 403,
        reason: "Forbidden",
        details: { causes: [{ reason: "NamespaceTerminating", field: "metadata.namespace" }] },
      },
    ],
    ["is gone", { code: 404, reason: "NotFound", details: { kind: "namespaces" } }],
  ])("takes none in a namespace that %s loses that Event alone, without a pause or a warning", async (_, status) => {
    const answer: Answer = (asked, response) =>
      asked.url.pathname === EVENTS
        ? json(response, status.code, { kind: "Status", status: "Failure", ...status })
        : takeAll(asked, response);
    const rig = await startRig(answer, { ...FAST, failed: 300_000, forbidden: 300_000 });
    await refuse(rig);
    await expect.poll(rig.written).toHaveLength(1);
    await refuse(rig, owned(podWith(NO_SECRET)), { namespace: "flytesnacks-staging" });
    await expect.poll(rig.writer.counts).toEqual({ written: 1, dropped: 0, failed: 0 });
    expect((await rig.webhook.logged()).filter(({ code }) => code === "W_EVENTS")).toEqual([]);
  });

  test("never answers holds up no admission, and more objects than have room are dropped", async () => {
    const rig = await startRig(() => {});
    const many = Array.from({ length: 520 }, (_, at) => owned(podWith(NO_SECRET), { ...REPLICA_SET, name: `r${at}` }));
    await Promise.all(many.map((pod) => refuse(rig, pod)));
    expect(rig.api.asked).toHaveLength(1);
    // One is being written, 500 wait.
    expect(rig.writer.counts()).toEqual({ written: 0, dropped: 19, failed: 0 });
  });
});

test("without `telemetry.events` nobody connects", async () => {
  let connected = 0;
  await using webhook = await startWebhook({
    telemetry: (log) =>
      openTelemetry(
        { events: false },
        {
          version: "1.2.3",
          log,
          clock: Date.now,
          signal: new AbortController().signal,
          connect: () => {
            connected += 1;
            return Promise.reject(new Error("not asked for"));
          },
        },
      ),
  });
  await webhook.post(reviewOf(podWith(NO_SECRET)));
  expect(connected).toBe(0);
  expect((await webhook.operations("/metrics")).text).toContain('pod_secrets_events_total{outcome="failed"} 0');
});
