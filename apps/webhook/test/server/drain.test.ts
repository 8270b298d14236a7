/** Leaving without losing an admission. */
import { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";

import type { DrainOptions } from "../../src/server/drain.ts";
import { heldBack } from "./held-back.ts";
import { A_SECRET, podWith, responseIn, reviewOf } from "./reviews.ts";
import { startWebhook, type StartedWebhook } from "./started-webhook.ts";
import { connectTls, httpRequest } from "./tls-client.ts";

const review = reviewOf(podWith(A_SECRET));

/** Goes on accepting until the test says that it is enough. */
function accepting(): { readonly options: Partial<DrainOptions>; readonly enough: () => void } {
  const hurry = new AbortController();
  return { options: { accept: 60_000, hurry: hurry.signal }, enough: () => hurry.abort() };
}

/** Until so many are being answered. */
async function areInFlight(webhook: StartedWebhook, count: number): Promise<void> {
  const metrics = async (): Promise<string> => (await webhook.operations("/metrics")).text;
  await expect.poll(metrics).toContain(`pod_secrets_requests_in_flight ${count}\n`);
}

/** Until no client is connected. */
async function areGone({ serving }: StartedWebhook): Promise<void> {
  const open = (): Promise<number> =>
    new Promise((resolve) => void serving.admissions.server.getConnections((_, count) => resolve(count)));
  await expect.poll(open).toBe(0);
}

test("while it drains it goes on accepting, asks each client to connect anew, and is not ready", async () => {
  await using webhook = await startWebhook();
  expect((await webhook.operations("/readyz")).code).toBe(200);
  const { options, enough } = accepting();
  const drained = webhook.drain(options);
  const answer = await webhook.post(review);
  expect(answer.code).toBe(200);
  expect(answer.headers.connection).toBe("close");
  expect((await webhook.operations("/readyz")).code).toBe(503);
  expect((await webhook.operations("/healthz")).code).toBe(200);
  await areGone(webhook);
  enough();
  expect(await drained).toBe("idle");
  await expect(webhook.post(review)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("errors ask the client to connect anew as well", async () => {
  await using webhook = await startWebhook();
  const { options, enough } = accepting();
  const drained = webhook.drain(options);
  expect((await webhook.post("", { method: "GET" })).headers.connection).toBe("close");
  expect((await webhook.post("{")).headers.connection).toBe("close");
  await areGone(webhook);
  enough();
  await drained;
});

test("without a drain, connections are kept", async () => {
  await using webhook = await startWebhook();
  const agent = new Agent({ keepAlive: true });
  expect((await webhook.post(review, { agent })).headers.connection).toBe("keep-alive");
  agent.destroy();
});

test("an admission that is being answered is finished", async () => {
  const { settings, release } = heldBack();
  await using webhook = await startWebhook({ settings });
  const answer = webhook.post(review);
  await areInFlight(webhook, 1);
  const drained = webhook.drain({ finish: 60_000 });
  await expect.poll(() => webhook.serving.admissions.server.listening).toBe(false);
  release();
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
  await expect.poll(() => answered).toBeGreaterThan(40);
  const { options, enough } = accepting();
  const drained = webhook.drain(options);
  const before = answered;
  await expect.poll(() => answered).toBeGreaterThan(before + 40);
  // The cluster knows by now, and sends nothing more here.
  stop.abort();
  await Promise.all(clients);
  await areGone(webhook);
  enough();
  expect(await drained).toBe("idle");
  expect(failures).toEqual([]);
  agent.destroy();
});

test("what does not end in time is cut off, and said to be", async () => {
  const { settings, release } = heldBack();
  await using webhook = await startWebhook({ settings });
  const answer = webhook.post(review).catch((error: unknown) => error);
  await areInFlight(webhook, 1);
  expect(await webhook.drain({ finish: 200 })).toBe("cut");
  expect(await answer).toBeInstanceOf(Error);
  release();
});

test("idle connections do not hold it up", async () => {
  await using webhook = await startWebhook();
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  await webhook.post(review, { agent });
  // One would hold it up for longer than a test may take.
  expect(await webhook.drain({ finish: 120_000 })).toBe("idle");
});

test("neither do those on which nothing was ever asked, or a request never ends", async () => {
  await using webhook = await startWebhook();
  const silent = await connectTls(webhook.port, webhook.ca);
  const halfSent = await connectTls(webhook.port, webhook.ca);
  halfSent.write(httpRequest(review).slice(0, -1));
  await areInFlight(webhook, 1);
  expect(await webhook.drain({ finish: 120_000 })).toBe("idle");
  await expect.poll(() => silent.closed && halfSent.closed).toBe(true);
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
