/** What the API server takes as an answer. */
import { Agent } from "node:https";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { A_SECRET, NO_SECRET, patchIn, podWith, responseIn, reviewOf, type ReviewResponse } from "../reviews.ts";
import { startWebhook, type StartedWebhook } from "../started-webhook.ts";

let webhook: StartedWebhook;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
beforeAll(async () => {
  webhook = await startWebhook();
});
afterAll(async () => {
  agent.destroy();
  await webhook[Symbol.asyncDispose]();
});

const many = Array.from({ length: 10 }, (_, index) => ({ ...A_SECRET, key: `key_${index}` }));
const hopeless = Array.from({ length: 40 }, (_, index) => ({
  ...NO_SECRET,
  group: `group-${index}-${"é".repeat(80)}`,
}));

/** One review per kind of answer. */
const REVIEWS: readonly (readonly [string, string])[] = [
  ["changed", reviewOf(podWith(...many))],
  ["unchanged", reviewOf(podWith())],
  ["refused", reviewOf(podWith(NO_SECRET))],
  ["refused for many reasons", reviewOf(podWith(...hopeless))],
  ["ignored", reviewOf(podWith(A_SECRET), { operation: "UPDATE" })],
  ["without a pod", reviewOf(null)],
];

async function answers(): Promise<readonly ReviewResponse[]> {
  const all: ReviewResponse[] = [];
  for (const [, body] of REVIEWS) all.push(responseIn(await webhook.post(body, { agent })));
  return all;
}

describe("the uid comes back exactly", () => {
  test("for 1,000 random ones, with quotes and beyond ASCII", async () => {
    const uid = fc.oneof(
      fc.uuid(),
      fc.string({ unit: "binary", minLength: 1, maxLength: 253 }),
      fc.constantFrom("0", "x".repeat(253), '"', "\\", "\u0000", "💥", "__proto__"),
    );
    await fc.assert(
      fc.asyncProperty(uid, async (value) => {
        const answer = await webhook.post(reviewOf(podWith(A_SECRET), { uid: value }), { agent });
        expect(answer.code).toBe(200);
        expect(answer.headers["content-type"]).toBe("application/json");
        expect(responseIn(answer).uid).toBe(value.toWellFormed());
      }),
      { numRuns: 1000 },
    );
  }, 60_000);
});

test("allowed is a boolean, and says no exactly where the status is an error", async () => {
  for (const { allowed, status } of await answers()) {
    expect([true, false]).toContain(allowed);
    expect((status?.code ?? 200) < 400).toBe(allowed);
  }
});

test("patch and patchType come together, and only with a change", async () => {
  const withPatch = (await answers()).map(({ patch, patchType }) => [typeof patch, patchType]);
  const none = ["undefined", undefined];
  expect(withPatch).toEqual([["string", "JSONPatch"], none, none, none, none, none]);
});

test("the patch is base64 in the standard alphabet, padded, of a list", async () => {
  const [, changed = ""] = REVIEWS[0] ?? [];
  const answer = await webhook.post(changed, { agent });
  const { patch = "" } = responseIn(answer);
  expect(patch).toMatch(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);
  expect(patchIn(answer)).toBeInstanceOf(Array);
});

test("a refusal has a code from 400 to 599, and one line below 1 kB without control characters", async () => {
  const refused = (await answers()).filter(({ allowed }) => !allowed);
  expect(refused).toHaveLength(3);
  for (const { status } of refused) {
    expect(status?.code).toBeGreaterThanOrEqual(400);
    expect(status?.code).toBeLessThan(600);
    expect(Buffer.byteLength(status?.message ?? "")).toBeLessThanOrEqual(1024);
    expect(status?.message).toMatch(/^[^\p{Cc}]+$/u);
  }
});

test("warnings are short, few and free of control characters", async () => {
  await using lenient = await startWebhook({ config: "onFailure: admit\n" });
  const { allowed, warnings = [] } = responseIn(await lenient.post(reviewOf(podWith(...hopeless))));
  expect(allowed).toBe(true);
  expect(warnings.length).toBeGreaterThan(0);
  for (const warning of warnings) {
    expect([...warning].length).toBeLessThanOrEqual(120);
    expect(warning).toMatch(/^[^\p{Cc}]+$/u);
  }
  expect([...warnings.join("")].length).toBeLessThanOrEqual(4096);
});

test("audit annotations, where there are any, have plain keys and the same values when asked again", async () => {
  const [first, again] = [await answers(), await answers()];
  expect(again.map((response) => response.auditAnnotations)).toEqual(
    first.map((response) => response.auditAnnotations),
  );
  for (const { auditAnnotations = {} } of first) {
    for (const key of Object.keys(auditAnnotations)) expect(key).toMatch(/^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/);
  }
});

test("an answer is not longer than twice the request and 64 KiB", async () => {
  const hundred = Array.from({ length: 100 }, (_, index) => ({ ...A_SECRET, key: `key_${index}` }));
  for (const body of [reviewOf(podWith(...hundred)), ...REVIEWS.map(([, text]) => text)]) {
    const answer = await webhook.post(body, { agent });
    expect(answer.code).toBe(200);
    expect(Buffer.byteLength(answer.text)).toBeLessThanOrEqual(2 * Buffer.byteLength(body) + 65_536);
  }
});
