import { once } from "node:events";
import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { PROFILES, createNaming, injected, type MutationSettings } from "@pod-secrets/core";
import { expect, test } from "vitest";

import { admissionBudget } from "../../src/server/admission-deadline.ts";
import { A_SECRET, podWith, reviewOf } from "./reviews.ts";
import { API_SERVER_HEADERS, REVIEW_PATH, startWebhook } from "./started-webhook.ts";

test.each([
  ["timeout=10s", 8800],
  ["timeout=30s", 28_800],
  ["timeout=5s", 3800],
  ["a=b&timeout=5s&c=d", 3800],
  ["timeout=5000ms", 3800],
])("%s leaves %d ms: the API server rounds up to a second, and the answer has its way back", (query, budget) => {
  expect(admissionBudget(query)).toBe(budget);
});

test("of a short timeout half is left", () => {
  expect(admissionBudget("timeout=1s")).toBe(500);
  expect(admissionBudget("timeout=2s")).toBe(1000);
});

test.each([
  "",
  "timeout=",
  "timeout=0s",
  "timeout=x",
  "timeout=-5s",
  "xtimeout=5s",
  "timeout=1m30s",
  "timeout=%35s",
  "timeout=5",
])("%j is none, and the API server's default of 10 s holds", (query) => {
  expect(admissionBudget(query)).toBe(8800);
});

test.each(["timeout=31s", "timeout=999999s", "timeout=5m"])("%s is more than the API server waits", (query) => {
  expect(admissionBudget(query)).toBe(28_800);
});

test("the time that the body takes counts, as it does for the API server", async () => {
  const profile = PROFILES["flyte-v1"];
  const deadlines: number[] = [];
  const settings: MutationSettings = {
    profile,
    naming: createNaming(profile),
    onFailure: "deny",
    injectors: [{ name: "odd", inject: (pod, _, { deadline }) => (deadlines.push(deadline), injected(pod)) }],
  };
  await using webhook = await startWebhook({ settings: (work) => work(settings) });
  const headers = { ...API_SERVER_HEADERS, Expect: "100-continue" };
  const { port, ca } = webhook;
  const path = `${REVIEW_PATH}?timeout=10s`;
  const sent = request({ host: "127.0.0.1", port, ca, path, method: "POST", headers, agent: false });
  sent.flushHeaders();
  // The webhook has the head now.
  await once(sent, "continue");
  const headArrived = Date.now();
  await sleep(50);
  sent.end(reviewOf(podWith(A_SECRET)));
  const [response] = (await once(sent, "response")) as [NodeJS.ReadableStream];
  response.resume();
  await once(response, "end");
  expect(deadlines).toHaveLength(1);
  expect(deadlines[0]).toBeLessThanOrEqual(headArrived + admissionBudget("timeout=10s"));
});
