/** Leaving without losing an admission. */
import { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { PROFILES, createNaming, injected, type MutationSettings, type SecretInjector } from "@pod-secrets/core";
import { expect, test } from "vitest";

import { A_SECRET, podWith, responseIn, reviewOf } from "./reviews.ts";
import { startWebhook } from "./started-webhook.ts";
import { connectTls } from "./tls-client.ts";

const review = reviewOf(podWith(A_SECRET));

/** Settings with one injector that takes its time. */
function slow(
  milliseconds: number,
): <Result>(work: (settings: MutationSettings) => Promise<Result>) => Promise<Result> {
  const injector: SecretInjector = {
    name: "slow",
    inject: async (pod) => {
      await sleep(milliseconds);
      return injected(pod);
    },
  };
  const profile = PROFILES["flyte-v1"];
  const settings: MutationSettings = {
    profile,
    naming: createNaming(profile),
    injectors: [injector],
    onFailure: "deny",
  };
  return (work) => work(settings);
}

test("while it drains it goes on accepting, asks each client to connect anew, and is not ready", async () => {
  await using webhook = await startWebhook();
  expect((await webhook.operations("/readyz")).code).toBe(200);
  const drained = webhook.drain({ accept: 400 });
  const answer = await webhook.post(review);
  expect(answer.code).toBe(200);
  expect(answer.headers.connection).toBe("close");
  expect((await webhook.operations("/readyz")).code).toBe(503);
  expect((await webhook.operations("/healthz")).code).toBe(200);
  expect(await drained).toBe("idle");
  await expect(webhook.post(review)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("errors ask the client to connect anew as well", async () => {
  await using webhook = await startWebhook();
  const drained = webhook.drain({ accept: 200 });
  expect((await webhook.post("", { method: "GET" })).headers.connection).toBe("close");
  expect((await webhook.post("{")).headers.connection).toBe("close");
  await drained;
});

test("without a drain, connections are kept", async () => {
  await using webhook = await startWebhook();
  const agent = new Agent({ keepAlive: true });
  expect((await webhook.post(review, { agent })).headers.connection).toBe("keep-alive");
  agent.destroy();
});

test("an admission that is being answered is finished", async () => {
  await using webhook = await startWebhook({ settings: slow(400) });
  const answer = webhook.post(review);
  await sleep(100);
  const drained = webhook.drain();
  expect(responseIn(await answer)).toMatchObject({ allowed: true });
  expect(await drained).toBe("idle");
});

test("no request is lost that clients with kept connections send before it stops to listen", async () => {
  await using webhook = await startWebhook();
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const stop = new AbortController();
  let answered = 0;
  const failures: unknown[] = [];
  const client = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        const { code } = await webhook.post(review, { agent });
        if (code === 200) answered++;
        else failures.push(code);
      } catch (error) {
        failures.push(error);
      }
      await sleep(Math.random() * 4);
    }
  };
  const clients = Array.from({ length: 8 }, client);
  await sleep(200);
  const drained = webhook.drain({ accept: 600 });
  await sleep(500);
  // By now the cluster knows, and sends nothing more here.
  stop.abort();
  await Promise.all(clients);
  expect(await drained).toBe("idle");
  expect(failures).toEqual([]);
  expect(answered).toBeGreaterThan(50);
  agent.destroy();
});

test("what does not end in time is cut off, and said to be", async () => {
  await using webhook = await startWebhook({ settings: slow(5000) });
  const answer = webhook.post(review).catch((error: unknown) => error);
  await sleep(100);
  expect(await webhook.drain({ finish: 200 })).toBe("cut");
  expect(await answer).toBeInstanceOf(Error);
});

test("idle connections, and those still shaking hands, do not hold it up", async () => {
  await using webhook = await startWebhook();
  const idle = await connectTls(webhook.port, webhook.ca);
  const agent = new Agent({ keepAlive: true });
  await webhook.post(review, { agent });
  const started = performance.now();
  await webhook.drain({ finish: 500 });
  expect(performance.now() - started).toBeLessThan(2000);
  idle.destroy();
  agent.destroy();
});

test("a second signal cuts all waiting short", async () => {
  await using webhook = await startWebhook();
  const hurry = new AbortController();
  const drained = webhook.drain({ accept: 60_000, hurry: hurry.signal });
  hurry.abort();
  expect(await drained).toBe("idle");
});

test("a second signal loses nothing where connections are only kept, and says so", async () => {
  await using webhook = await startWebhook();
  const agent = new Agent({ keepAlive: true });
  await webhook.post(review, { agent });
  const hurry = new AbortController();
  const drained = webhook.drain({ accept: 60_000, hurry: hurry.signal });
  hurry.abort();
  expect(await drained).toBe("idle");
  agent.destroy();
});
