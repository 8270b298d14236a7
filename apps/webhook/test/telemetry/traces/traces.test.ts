/** Spans of admissions over TLS, as a collector gets them. */
import { Agent } from "node:https";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";

import { NO_TELEMETRY, openTelemetry, type Telemetry } from "../../../src/compose/telemetry.ts";
import type { Log } from "../../../src/telemetry/log.ts";
import type { Exporter } from "../../../src/telemetry/traces/otlp-exporter.ts";
import { createTracing, type SpanCounts, type Tracing } from "../../../src/telemetry/traces/tracing.ts";
import { A_SECRET, NO_SECRET, podWith, responseIn, reviewOf, UID } from "../../server/reviews.ts";
import { startWebhook, type StartedWebhook, type StartOptions } from "../../server/started-webhook.ts";
import { startReceiver, valuesOf, type OtlpReceiver, type ReceivedSpan } from "./otlp-receiver.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = "00f067aa0ba902b7";
const SAMPLED = { traceparent: `00-${TRACE}-${CALLER}-01` };
const NOT_SAMPLED = { traceparent: `00-${TRACE}-${CALLER}-00` };

let collector: OtlpReceiver;
let telemetry: Telemetry;
beforeEach(async () => {
  collector = await startReceiver();
});
afterEach(() => collector[Symbol.asyncDispose]());

interface TracesSettings {
  readonly endpoint?: string;
  readonly sampleRatio?: number;
}

/** A webhook that traces. */
async function tracingWebhook(traces: TracesSettings = {}, options: StartOptions = {}): Promise<StartedWebhook> {
  const webhook = await startWebhook({
    ...options,
    telemetry: (log: Log) => {
      const config = { traces: { endpoint: collector.endpoint, sampleRatio: 1, ...traces }, events: false };
      const parts = { version: "1.2.3", log, clock: Date.now, signal: new AbortController().signal };
      telemetry = openTelemetry(config, { ...parts, connect: () => Promise.reject(new Error("not asked for")) });
      return telemetry;
    },
  });
  onTestFinished(() => webhook[Symbol.asyncDispose]());
  return webhook;
}

/** The spans of all admissions so far. */
async function sentSpans(): Promise<readonly ReceivedSpan[]> {
  await telemetry.close();
  return collector.spans();
}

function named(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const span = spans.find((one) => one.name === name);
  if (span === undefined) throw new Error(`no span ${name} among ${spans.map((one) => one.name).join(", ")}`);
  return span;
}

async function lastLine(webhook: StartedWebhook): Promise<Readonly<Record<string, unknown>> | undefined> {
  return (await webhook.logged()).findLast(({ uid }) => uid === UID);
}

describe("an admission of which the API server records the trace", () => {
  test("is a span of that trace, with a span for each step and each injector", async () => {
    const webhook = await tracingWebhook();
    await webhook.post(reviewOf(podWith(A_SECRET)), { headers: SAMPLED });
    const spans = await sentSpans();
    expect(spans.map(({ name }) => name).toSorted()).toEqual(
      ["admission", "decode", "inject global", "inject k8s", "patch", "receive", "requests"].toSorted(),
    );
    const root = named(spans, "admission");
    expect(root).toMatchObject({ traceId: TRACE, parentSpanId: CALLER, kind: 2 });
    for (const { traceId, parentSpanId } of spans.filter((span) => span !== root))
      expect({ traceId, parentSpanId }).toEqual({ traceId: TRACE, parentSpanId: root.spanId });
  });

  test("says by names and numbers whose it is and what became of it", async () => {
    const webhook = await tracingWebhook();
    await webhook.post(reviewOf(podWith(A_SECRET)), { headers: SAMPLED });
    const spans = await sentSpans();
    expect(valuesOf(named(spans, "admission").attributes)).toEqual({
      "pod_secrets.uid": UID,
      "pod_secrets.outcome": "changed",
      "pod_secrets.operation": "CREATE",
      "pod_secrets.dry_run": false,
      "pod_secrets.secrets": 1,
      "k8s.namespace.name": "flytesnacks-development",
      "k8s.pod.name": "task",
      "http.request.method": "POST",
      "http.response.status_code": 200,
    });
    expect(valuesOf(named(spans, "inject k8s").attributes)).toMatchObject({
      "pod_secrets.injector": "k8s",
      "pod_secrets.asked": 1,
      "pod_secrets.injected": 1,
      "pod_secrets.skipped": 0,
      "pod_secrets.refused": 0,
    });
    expect(valuesOf(named(spans, "inject global").attributes)).toMatchObject({ "pod_secrets.skipped": 1 });
    expect(collector.resource()).toEqual({ "service.name": "pod-secrets", "service.version": "1.2.3" });
  });

  test("has steps one after the other within it, at the time at which it was", async () => {
    const before = Date.now();
    const webhook = await tracingWebhook();
    await webhook.post(reviewOf(podWith(A_SECRET)), { headers: SAMPLED });
    const after = Date.now();
    const spans = await sentSpans();
    const root = named(spans, "admission");
    const steps = ["receive", "decode", "requests", "inject global", "inject k8s", "patch"].map((step) =>
      named(spans, step),
    );
    let last = BigInt(root.startTimeUnixNano);
    for (const { startTimeUnixNano, endTimeUnixNano } of steps) {
      expect(BigInt(startTimeUnixNano)).toBeGreaterThanOrEqual(last - 1000n);
      expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano));
      last = BigInt(endTimeUnixNano);
    }
    expect(BigInt(root.endTimeUnixNano)).toBeGreaterThanOrEqual(last - 1000n);
    expect(Number(BigInt(root.startTimeUnixNano) / 1_000_000n)).toBeGreaterThanOrEqual(before - 5);
    expect(Number(BigInt(root.endTimeUnixNano) / 1_000_000n)).toBeLessThanOrEqual(after + 5);
  });

  test("has the code of a refusal as its error, where it was refused", async () => {
    const webhook = await tracingWebhook();
    await webhook.post(reviewOf(podWith(A_SECRET, NO_SECRET)), { headers: SAMPLED });
    const root = named(await sentSpans(), "admission");
    expect(root.status).toMatchObject({ code: 2 });
    expect(valuesOf(root.attributes)).toMatchObject({
      "pod_secrets.outcome": "refused",
      "error.type": expect.stringMatching(/^[\w/-]+$/) as unknown,
    });
  });

  test("ends with E_INTERNAL where the webhook failed, and without the fault's text", async () => {
    const settings = () => Promise.reject(new Error("s3cr3t"));
    const webhook = await tracingWebhook({}, { settings });
    await webhook.post(reviewOf(podWith(A_SECRET)), { headers: SAMPLED });
    expect(valuesOf(named(await sentSpans(), "admission").attributes)).toMatchObject({
      "pod_secrets.outcome": "failed",
      "error.type": "E_INTERNAL",
    });
    expect(collector.requests.map(({ body }) => body).join("")).not.toContain("s3cr3t");
  });
});

describe("one id joins", () => {
  test("trace, log line and audit event of an admission", async () => {
    const webhook = await tracingWebhook();
    const answer = await webhook.post(reviewOf(podWith(A_SECRET)), { headers: SAMPLED });
    expect(await lastLine(webhook)).toMatchObject({ uid: UID, trace: TRACE });
    expect(responseIn(answer).auditAnnotations).toMatchObject({ admission: UID, trace: TRACE });
    const root = named(await sentSpans(), "admission");
    expect(root.traceId).toBe(TRACE);
    expect(valuesOf(root.attributes)["pod_secrets.uid"]).toBe(UID);
  });

  test("log and audit event with the API server's trace, also where the webhook itself does not trace", async () => {
    await using webhook = await startWebhook();
    const answer = await webhook.post(reviewOf(podWith(A_SECRET)), { headers: SAMPLED });
    expect(await lastLine(webhook)).toMatchObject({ trace: TRACE });
    expect(responseIn(answer).auditAnnotations).toMatchObject({ trace: TRACE });
  });

  test("log and trace, where the trace begins here; the audit log would get another one with each call", async () => {
    const webhook = await tracingWebhook();
    const answer = await webhook.post(reviewOf(podWith(A_SECRET)));
    const root = named(await sentSpans(), "admission");
    expect(root.parentSpanId ?? "").toBe("");
    expect(await lastLine(webhook)).toMatchObject({ trace: root.traceId });
    expect(responseIn(answer).auditAnnotations).not.toHaveProperty("trace");
  });

  test("nothing, where the header is no traceparent", async () => {
    await using webhook = await startWebhook();
    for (const traceparent of [
      "",
      "x",
      `00-${TRACE}-${CALLER}`,
      `ff-${TRACE}-${CALLER}-01`,
      `00-${TRACE}-${CALLER}-01-x`,
      `00-${"0".repeat(32)}-${CALLER}-01`,
      `00-${TRACE}-${"0".repeat(16)}-01`,
      `00-${TRACE.toUpperCase()}-${CALLER}-01`,
      "0".repeat(300),
    ]) {
      const answer = await webhook.post(reviewOf(podWith(A_SECRET)), { headers: { traceparent } });
      expect(await lastLine(webhook)).not.toHaveProperty("trace");
      expect(responseIn(answer).auditAnnotations).not.toHaveProperty("trace");
    }
  });
});

describe("there is no span", () => {
  test("of an admission of which the API server records no trace", async () => {
    const webhook = await tracingWebhook();
    await webhook.post(reviewOf(podWith(A_SECRET)), { headers: NOT_SAMPLED });
    expect(await lastLine(webhook)).toMatchObject({ trace: TRACE });
    expect(await sentSpans()).toEqual([]);
  });

  test("of one of which it says nothing, where the share is 0", async () => {
    const webhook = await tracingWebhook({ sampleRatio: 0 });
    await webhook.post(reviewOf(podWith(A_SECRET)));
    expect(await lastLine(webhook)).not.toHaveProperty("trace");
    expect(await sentSpans()).toEqual([]);
  });
});

describe("a collector that", () => {
  const admit = async (webhook: StartedWebhook, count: number): Promise<void> => {
    for (let at = 0; at < count; at++) {
      const answer = await webhook.post(reviewOf(podWith(A_SECRET)), { headers: SAMPLED });
      expect(responseIn(answer)).toMatchObject({ allowed: true, patchType: "JSONPatch" });
    }
  };

  test("is not there costs the spans, one line in the log, and no admission", async () => {
    const webhook = await tracingWebhook({ endpoint: "http://127.0.0.1:9" });
    await admit(webhook, 3);
    await telemetry.close();
    await expect.poll(() => telemetry.spans(), { timeout: 15_000 }).toEqual({ exported: 0, dropped: 0, failed: 21 });
    const warnings = (await webhook.logged()).filter(({ code }) => code === "W_TRACES");
    expect(warnings).toEqual([
      expect.objectContaining({ level: "warn", reason: expect.stringMatching(/^[A-Z]+$/) as unknown }),
    ]);
    expect((await webhook.operations("/metrics")).text).toContain('pod_secrets_spans_total{outcome="failed"} 21');
  });

  test("refuses them costs the spans, and its text is not repeated", async () => {
    collector.answerWith(400);
    const webhook = await tracingWebhook();
    await admit(webhook, 1);
    await telemetry.close();
    expect(telemetry.spans()).toEqual({ exported: 0, dropped: 0, failed: 7 });
    expect((await webhook.logged()).find(({ code }) => code === "W_TRACES")).toMatchObject({ reason: "400" });
  });

  test("never answers holds up neither admissions nor the end", async () => {
    collector.answerWith("silence");
    const webhook = await tracingWebhook();
    await admit(webhook, 10);
    const began = performance.now();
    await telemetry.close();
    expect(performance.now() - began).toBeLessThan(6000);
    expect(telemetry.spans()).toMatchObject({ exported: 0, dropped: 0 });
  });

  test("gets what it asks for in the headers that the environment names", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20t0ken");
    onTestFinished(() => void vi.unstubAllEnvs());
    const webhook = await tracingWebhook({ endpoint: `${collector.endpoint}/base/` });
    await admit(webhook, 1);
    await telemetry.close();
    expect(collector.requests[0]).toMatchObject({
      path: "/base/v1/traces",
      headers: { "content-type": "application/json", authorization: "Bearer t0ken" },
    });
    expect(JSON.stringify(await webhook.logged())).not.toContain("t0ken");
  });
});

/** A webhook whose spans go to an exporter of the test's own. */
async function webhookWith(
  load: () => Promise<Exporter>,
): Promise<{ webhook: StartedWebhook; tracing: () => SpanCounts }> {
  let tracing: Tracing | undefined;
  const webhook = await startWebhook({
    telemetry: (log) => {
      tracing = createTracing({ endpoint: collector.endpoint, sampleRatio: 1 }, "1.2.3", log, load);
      return { ...NO_TELEMETRY, joinTrace: tracing.join, record: tracing.record, spans: tracing.counts };
    },
  });
  onTestFinished(() => webhook[Symbol.asyncDispose]());
  return { webhook, tracing: () => tracing?.counts() ?? NO_TELEMETRY.spans() };
}

test("more spans than have room are dropped, those of a whole admission together", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  onTestFinished(() => agent.destroy());
  // It takes them, and never says what became of them.
  const { webhook, tracing } = await webhookWith(async () => ({ send: () => {}, close: async () => {} }));
  const answers = await Promise.all(
    Array.from({ length: 300 }, () => webhook.post(reviewOf(podWith(A_SECRET)), { agent })),
  );
  expect(answers.every((answer) => responseIn(answer).allowed)).toBe(true);
  // 7 spans each, and room for 2,048: 292 admissions.
  expect(tracing()).toEqual({ exported: 0, dropped: 8 * 7, failed: 0 });
});

test("an SDK that cannot be loaded costs the spans, and no admission", async () => {
  let loads = 0;
  const { webhook, tracing } = await webhookWith(async () => {
    loads += 1;
    throw new TypeError("s3cr3t");
  });
  for (const _ of [1, 2]) expect(responseIn(await webhook.post(reviewOf(podWith(A_SECRET)))).allowed).toBe(true);
  await expect.poll(tracing).toEqual({ exported: 0, dropped: 0, failed: 14 });
  expect(loads).toBe(1);
  const lines = await webhook.logged();
  expect(lines.filter(({ code }) => code === "W_TRACES")).toEqual([expect.objectContaining({ reason: "TypeError" })]);
  expect(JSON.stringify(lines)).not.toContain("s3cr3t");
});
