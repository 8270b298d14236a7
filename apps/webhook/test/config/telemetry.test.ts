import { describe, expect, it } from "vitest";

import { findings, goodConfig } from "./loaded.ts";

describe("the section telemetry", () => {
  it("is off without a word", async () => {
    expect((await goodConfig("")).telemetry).toEqual({ events: false });
  });

  it("traces everything that the API server says nothing about, once it has an endpoint", async () => {
    const { telemetry } = await goodConfig(
      "telemetry: { traces: { endpoint: 'http://127.0.0.1:4318' }, events: true }",
    );
    expect(telemetry).toEqual({ traces: { endpoint: "http://127.0.0.1:4318", sampleRatio: 1 }, events: true });
  });

  it.each([
    ["otel-collector:4318", "must be an http or https URL"],
    ["ftp://collector/", "must be an http or https URL"],
    ["https://collector/?token=a", "must have neither a query nor a fragment"],
    ["https://collector/#a", "must have neither a query nor a fragment"],
    ["https://user:s3cr3t@collector/", "must not hold a user or password: this file is no place for them"],
  ])("takes no endpoint %s", async (endpoint, message) => {
    const [finding = "", ...more] = await findings(`telemetry: { traces: { endpoint: "${endpoint}" } }`);
    expect(finding).toContain(`E_CONFIG_VALUE key "telemetry.traces.endpoint" ${message}. Fix: `);
    expect(finding).not.toContain("s3cr3t");
    expect(more).toEqual([]);
  });

  it.each(["-0.1", "1.1", "all"])("takes no share of %s", async (share) => {
    const text = `telemetry: { traces: { endpoint: "http://127.0.0.1", sampleRatio: ${share} } }`;
    expect(await findings(text)).toEqual([expect.stringContaining('key "telemetry.traces.sampleRatio"')]);
  });
});
