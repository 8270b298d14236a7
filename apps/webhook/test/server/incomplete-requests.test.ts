/** Clients that begin a request and stop must not keep others out of a port that is full. */
import { once } from "node:events";
import { Agent } from "node:https";
import { connect, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";

import { heldBack } from "./held-back.ts";
import { A_SECRET, podWith, reviewOf } from "./reviews.ts";
import { startWebhook, type StartedWebhook } from "./started-webhook.ts";
import { connectTls, httpRequest } from "./tls-client.ts";

const review = reviewOf(podWith(A_SECRET));
const request = httpRequest(review);
const AT = { head: request.indexOf("\r\n\r\n"), body: request.length - 10 };

async function metric(webhook: StartedWebhook, name: string): Promise<number> {
  const { text } = await webhook.operations("/metrics");
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length));
}

const shed = (webhook: StartedWebhook, reason: string, port = "server"): Promise<number> =>
  metric(webhook, `pod_secrets_connections_shed_total{port="${port}",reason="${reason}"}`);

const inFlight = (webhook: StartedWebhook): Promise<number> => metric(webhook, "pod_secrets_requests_in_flight");

/** Connects, and sends the begin of a request, up to its body at least; done when the webhook has seen it. */
async function stopsWithinBody(webhook: StartedWebhook, end = AT.body): Promise<TLSSocket> {
  const before = await inFlight(webhook);
  const socket = await connectTls(webhook.port, webhook.ca);
  socket.write(request.slice(0, end));
  await expect.poll(() => inFlight(webhook)).toBe(before + 1);
  return socket;
}

/** Sends the rest, or a whole request, and waits for the answer. */
async function answerTo(socket: Socket, bytes: string): Promise<string> {
  const answer = once(socket, "data");
  socket.write(bytes);
  return String((await answer)[0]).slice(0, "HTTP/1.1 200".length);
}

function keptAgent(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return agent;
}

describe("on a full port", () => {
  test("who stops within a body makes room, the longest there first, and the rest go on", async () => {
    await using webhook = await startWebhook({ server: { maxConnections: 3 } });
    const stopped: TLSSocket[] = [];
    for (let count = 0; count < 3; count++) stopped.push(await stopsWithinBody(webhook));
    expect(await webhook.post(review)).toMatchObject({ code: 200 });
    await expect.poll(() => stopped.map(({ closed }) => closed)).toEqual([true, false, false]);
    expect(await shed(webhook, "incomplete")).toBe(1);
    for (const socket of stopped.slice(1)) expect(await answerTo(socket, request.slice(AT.body))).toBe("HTTP/1.1 200");
    await expect.poll(() => inFlight(webhook)).toBe(0);
    expect(await metric(webhook, "pod_secrets_body_bytes")).toBe(0);
  });

  test("so does who announces a body, and who was refused and goes on sending", async () => {
    await using webhook = await startWebhook({ server: { maxConnections: 2 } });
    const announced = await stopsWithinBody(webhook, AT.head + 4);
    const refused = await connectTls(webhook.port, webhook.ca);
    expect(await answerTo(refused, request.replace("application/json", "text/plain").slice(0, AT.head + 4))).toBe(
      "HTTP/1.1 415",
    );
    for (let count = 0; count < 2; count++)
      expect(await webhook.post(review, { agent: keptAgent() })).toMatchObject({ code: 200 });
    await expect.poll(() => [announced.closed, refused.closed]).toEqual([true, true]);
    expect(await shed(webhook, "incomplete")).toBe(2);
  });

  test("so does who stops within a head", async () => {
    await using webhook = await startWebhook({ server: { maxConnections: 3 } });
    for (let count = 0; count < 10; count++)
      (await connectTls(webhook.port, webhook.ca)).write(request.slice(0, AT.head));
    expect(await webhook.post(review)).toMatchObject({ code: 200 });
  });

  test("who does nothing makes room before who stops within a body", async () => {
    await using webhook = await startWebhook({ server: { maxConnections: 2 } });
    const stopped = await stopsWithinBody(webhook);
    for (let count = 0; count < 5; count++) await connectTls(webhook.port, webhook.ca);
    expect(await answerTo(stopped, request.slice(AT.body))).toBe("HTTP/1.1 200");
  });

  test("who has posted reviews stays before who stops within a body, however long it rests", async () => {
    await using webhook = await startWebhook({ server: { maxConnections: 3 } });
    const agent = keptAgent();
    await webhook.post(review, { agent });
    for (let count = 0; count < 10; count++) {
      const socket = await connectTls(webhook.port, webhook.ca);
      socket.write(request.slice(0, AT.body));
    }
    expect(await webhook.post(review, { agent })).toMatchObject({ code: 200, reused: true });
  });

  test("who is being answered stays, also with a next request that stops; the new one goes", async () => {
    const { settings, release } = heldBack();
    await using webhook = await startWebhook({ server: { maxConnections: 2 }, settings });
    const [whole, more] = [await stopsWithinBody(webhook), await stopsWithinBody(webhook)];
    whole.write(request.slice(AT.body));
    more.write(request.slice(AT.body) + request.slice(0, AT.body));
    await expect.poll(() => inFlight(webhook)).toBe(3);
    for (let count = 0; count < 3; count++)
      await expect(connectTls(webhook.port, webhook.ca)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(await shed(webhook, "new")).toBe(3);
    const answers = [once(whole, "data"), once(more, "data")];
    release();
    for (const [answer] of await Promise.all(answers)) expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("who has posted reviews and then stops within a body makes room, too, after a second", async () => {
    await using webhook = await startWebhook({ server: { maxConnections: 2, requestSeconds: 60 } });
    for (const socket of [await connectTls(webhook.port, webhook.ca), await connectTls(webhook.port, webhook.ca)]) {
      expect(await answerTo(socket, request)).toBe("HTTP/1.1 200");
      socket.write(request.slice(0, AT.body));
    }
    await expect.poll(() => inFlight(webhook)).toBe(2);
    await expect.poll(() => webhook.post(review).then(({ code }) => code, String)).toBe(200);
    expect(await shed(webhook, "incomplete")).toBe(1);
  }, 20_000);

  test("probes are answered among requests whose body does not come", async () => {
    await using webhook = await startWebhook();
    const head = "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{";
    for (let count = 0; count < 300; count++) {
      const socket = connect(webhook.operationsPort, "127.0.0.1");
      onTestFinished(() => void socket.destroy());
      socket.on("error", () => {});
      await once(socket, "connect");
      socket.write(head);
    }
    for (let count = 0; count < 20; count++) expect(await webhook.operations("/healthz")).toMatchObject({ code: 200 });
  });
});
