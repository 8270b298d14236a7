/** docs/telemetry.md says what there is: compared with admissions over TLS. */
import { beforeAll, afterAll, describe, expect, it } from "vitest";

import { openTelemetry, type Telemetry } from "../../src/compose/telemetry.ts";
import { withTelemetryReference } from "../../src/documents/telemetry-document.ts";
import { A_SECRET, NO_SECRET, podWith, responseIn, reviewOf } from "../server/reviews.ts";
import { startWebhook } from "../server/started-webhook.ts";
import { startReceiver, valuesOf, type ReceivedSpan } from "../telemetry/traces/otlp-receiver.ts";
import { codesIn, tableUnder, textOf } from "./documents.ts";

const document = textOf("docs/telemetry.md");

/** What stands in the first column, or another, of the table under a heading. */
function column(heading: string, at = 0): readonly string[] {
  return tableUnder(document, heading).map((row) => codesIn(row[at] ?? "")[0] ?? "");
}

const HEADERS = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" };
const OWNER = { apiVersion: "batch/v1", kind: "Job", name: "train", uid: "u", controller: true };

interface Told {
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly audit: readonly Readonly<Record<string, string>>[];
  readonly spans: readonly ReceivedSpan[];
}

let told: Told;
const receiver = startReceiver();
beforeAll(async () => {
  const { endpoint, spans } = await receiver;
  let telemetry: Telemetry | undefined;
  await using webhook = await startWebhook({
    telemetry: (log) => {
      const parts = { version: "1.2.3", log, clock: Date.now, signal: new AbortController().signal };
      const connect = (): Promise<never> => Promise.reject(new Error("not asked for"));
      telemetry = openTelemetry({ traces: { endpoint, sampleRatio: 1 }, events: false }, { ...parts, connect });
      return telemetry;
    },
  });
  const audit: Readonly<Record<string, string>>[] = [];
  const { metadata, spec } = podWith(A_SECRET);
  const given = { metadata: { ...metadata, ownerReferences: [OWNER] }, spec: { ...spec, serviceAccountName: "a" } };
  for (const pod of [given, podWith(A_SECRET, NO_SECRET), podWith({ ...A_SECRET, envVar: "LD_PRELOAD" })]) {
    const answer = responseIn(await webhook.post(reviewOf(pod), { headers: HEADERS }));
    audit.push(answer.auditAnnotations ?? {});
  }
  await using failing = await startWebhook({ settings: () => Promise.reject(new TypeError("a fault")) });
  await failing.post(reviewOf(given));
  await telemetry?.close();
  const lines = [...(await webhook.logged()), ...(await failing.logged())].filter(({ uid }) => uid !== undefined);
  told = { lines, audit, spans: spans() };
});
afterAll(async () => (await receiver)[Symbol.asyncDispose]());

const namesOf = (objects: readonly object[]): readonly string[] => [...new Set(objects.flatMap(Object.keys))];

describe("docs/telemetry.md", () => {
  it("has the metrics and audit keys of the code (to update it: npm run schema)", () => {
    expect(document).toBe(withTelemetryReference(document));
  });

  it("has every field of an admission's log line, and no other", () => {
    expect(column("Log").toSorted()).toEqual(namesOf(told.lines).toSorted());
  });

  it("has every annotation of the audit log, and no other", () => {
    expect(column("Audit log").toSorted()).toEqual(namesOf(told.audit).toSorted());
  });

  it("has every attribute of the spans, and no other", () => {
    const attributes = (prefix: string): readonly string[] =>
      namesOf(told.spans.filter(({ name }) => name.startsWith(prefix)).map((span) => valuesOf(span.attributes)));
    const documented = tableUnder(document, "Traces").map((row) => row.flatMap((cell) => codesIn(cell)));
    const of = (span: string): readonly string[] =>
      documented.filter(([name]) => name === span).map(([, attribute = ""]) => attribute);
    expect(of("admission").toSorted()).toEqual(attributes("admission").toSorted());
    expect(of("inject k8s").toSorted()).toEqual(attributes("inject ").toSorted());
  });

  it("names every span", () => {
    for (const { name } of told.spans) expect(document).toContain(`\`${name.replace(/^inject .*/, "inject NAME")}\``);
  });

  it("names the reasons of Events", () => {
    expect(column("Events")).toEqual(["SecretsRefused", "SecretsLeftOut"]);
  });
});
