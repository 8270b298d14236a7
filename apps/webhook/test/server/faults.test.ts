/** Whatever goes wrong inside, the API server gets an answer, and nobody reads a value. */
import { Agent } from "node:https";
import { PROFILES, createNaming, injected, type MutationSettings, type SecretInjector } from "@pod-secrets/core";
import { describe, expect, onTestFinished, test } from "vitest";

import { A_SECRET, podWith, responseIn, reviewOf, UID } from "./reviews.ts";
import { REVIEW_PATH, startWebhook } from "./started-webhook.ts";

const VALUE = "s3cr3t-v4lue";

function settingsWith(inject: SecretInjector["inject"], onFailure: "deny" | "admit" = "deny"): MutationSettings {
  const profile = PROFILES["flyte-v1"];
  return { profile, naming: createNaming(profile), injectors: [{ name: "odd", inject }], onFailure };
}

const thrown: readonly (readonly [string, () => never])[] = [
  [
    "an error",
    () => {
      throw new Error(VALUE);
    },
  ],
  [
    "a text",
    () => {
      throw VALUE;
    },
  ],
  [
    "undefined",
    () => {
      throw undefined;
    },
  ],
  [
    "an error whose message cannot be read",
    () => {
      throw Object.defineProperty(new Error("x"), "message", {
        get: () => {
          throw new Error(VALUE);
        },
      });
    },
  ],
];

describe("an injector that throws refuses the pod", () => {
  test.each(thrown)("%s", async (_, inject) => {
    const settings = settingsWith(inject);
    await using webhook = await startWebhook({ settings: (work) => work(settings) });
    const answer = await webhook.post(reviewOf(podWith(A_SECRET)));
    expect(responseIn(answer)).toMatchObject({ uid: UID, allowed: false });
    expect(JSON.stringify([answer, await webhook.logged()])).not.toContain(VALUE);
    expect((await webhook.post(reviewOf(podWith()))).code).toBe(200);
  });
});

test("a fault of the webhook itself is a refusal with the uid and code 500, and is logged without its text", async () => {
  await using webhook = await startWebhook({ settings: () => Promise.reject(new TypeError(VALUE)) });
  const answer = await webhook.post(reviewOf(podWith(A_SECRET)));
  expect(answer.code).toBe(200);
  expect(responseIn(answer)).toMatchObject({ uid: UID, allowed: false, status: { code: 500 } });
  expect(responseIn(answer).status?.message).toMatch(/^pod-secrets: E_INTERNAL: .*Fix: /);
  const line = (await webhook.logged()).at(-1);
  expect(line).toMatchObject({
    level: "error",
    message: "admission failed",
    outcome: "failed",
    uid: UID,
    error: "TypeError",
  });
  expect(JSON.stringify([answer, line])).not.toContain(VALUE);
});

describe("an injector that does not answer", () => {
  test("is given up before the API server gives up", async () => {
    const settings = settingsWith(() => new Promise(() => {}));
    await using webhook = await startWebhook({ settings: (work) => work(settings) });
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    // The handshake is none of it.
    await webhook.post(reviewOf(podWith()), { agent });
    const started = performance.now();
    const answer = await webhook.post(reviewOf(podWith(A_SECRET)), { path: `${REVIEW_PATH}?timeout=2s`, agent });
    expect(performance.now() - started).toBeLessThan(2000);
    expect(responseIn(answer).status?.message).toContain("E_INJECTOR_TIMEOUT");
  });
  test("does not hold up other pods", async () => {
    const isStuck = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    let isFirst = true;
    const settings = settingsWith(async (pod) => {
      if (isFirst) {
        isFirst = false;
        isStuck.resolve();
        await end.promise;
      }
      return injected(pod);
    });
    await using webhook = await startWebhook({ settings: (work) => work(settings) });
    const stuck = webhook.post(reviewOf(podWith(A_SECRET)), { path: `${REVIEW_PATH}?timeout=30s` });
    await isStuck.promise;
    for (let count = 0; count < 20; count++)
      expect(responseIn(await webhook.post(reviewOf(podWith(A_SECRET))))).toMatchObject({ allowed: true });
    end.resolve();
    expect(responseIn(await stuck)).toMatchObject({ allowed: true });
  });
});
