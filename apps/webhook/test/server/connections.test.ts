/** Connections are not for ever, and not for whoever came first. */
import { once } from "node:events";
import { Agent } from "node:https";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";

import { configSchema } from "../../src/config/schema.ts";
import { trackConnections } from "../../src/server/connections.ts";
import { heldBack } from "./held-back.ts";
import { A_SECRET, podWith, reviewOf } from "./reviews.ts";
import { startWebhook, type StartedWebhook } from "./started-webhook.ts";
import { connectTls, httpRequest, receive } from "./tls-client.ts";

const review = reviewOf(podWith(A_SECRET));

function keptAgent(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return agent;
}

/** Connects without a word. */
async function idle(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

async function shed(webhook: StartedWebhook, port: string, reason: string): Promise<number> {
  const { text } = await webhook.operations("/metrics");
  const [, count] =
    new RegExp(`^pod_secrets_connections_shed_total\\{port="${port}",reason="${reason}"\\} (\\d+)$`, "m").exec(text) ??
    [];
  return Number(count);
}

describe("at the limit of connections", () => {
  test("idle clients do not keep the API server out: the longest idle is closed", async () => {
    await using webhook = await startWebhook({ server: { maxConnections: 4 } });
    const held: TLSSocket[] = [];
    for (let count = 0; count < 4; count++) held.push(await connectTls(webhook.port, webhook.ca));
    expect(await webhook.post(review)).toMatchObject({ code: 200 });
    await expect.poll(() => held.map(({ closed }) => closed)).toEqual([true, false, false, false]);
    expect(await shed(webhook, "server", "idle")).toBe(1);
  });

  test("clients that never shake hands are closed too", async () => {
    await using webhook = await startWebhook({ server: { maxConnections: 20 } });
    for (let count = 0; count < 30; count++) await idle(webhook.port);
    expect(await webhook.post(review)).toMatchObject({ code: 200 });
  });

  test("who has posted reviews stays before who has not, however long both rest", async () => {
    await using webhook = await startWebhook({ server: { maxConnections: 3 } });
    const agent = keptAgent();
    await webhook.post(review, { agent });
    for (let count = 0; count < 10; count++) await connectTls(webhook.port, webhook.ca);
    expect(await webhook.post(review, { agent })).toMatchObject({ code: 200, reused: true });
  });

  test("a connection that is being answered is never closed: the new one is, and both are counted and logged", async () => {
    const { settings, release } = heldBack();
    await using webhook = await startWebhook({ server: { maxConnections: 2 }, settings });
    const busy = [await connectTls(webhook.port, webhook.ca), await connectTls(webhook.port, webhook.ca)];
    const answers = busy.map((socket) => once(socket, "data"));
    for (const socket of busy) socket.write(httpRequest(review));
    await expect
      .poll(async () => (await webhook.operations("/metrics")).text)
      .toContain("pod_secrets_requests_in_flight 2\n");
    for (let count = 0; count < 5; count++)
      await expect(connectTls(webhook.port, webhook.ca)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(await shed(webhook, "server", "new")).toBe(5);
    release();
    for (const [answer] of await Promise.all(answers)) expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
    const warnings = (await webhook.logged()).filter(({ level }) => level === "warn");
    expect(warnings).toEqual([
      expect.objectContaining({ message: "too many connections on the port of server: some were closed", times: 1 }),
    ]);
  });

  test("what is closed makes room", async () => {
    await using webhook = await startWebhook({ server: { maxConnections: 2 } });
    for (let count = 0; count < 10; count++) expect(await webhook.post(review)).toMatchObject({ code: 200 });
    expect(await shed(webhook, "server", "idle")).toBe(0);
  });

  test("probes are answered on a port full of idle clients", async () => {
    await using webhook = await startWebhook();
    for (let count = 0; count < 300; count++) await idle(webhook.operationsPort);
    for (let count = 0; count < 20; count++) expect(await webhook.operations("/healthz")).toMatchObject({ code: 200 });
    expect(await shed(webhook, "operations", "idle")).toBeGreaterThan(40);
  });
});

describe("what is no review ends its connection", () => {
  test.each([
    ["another path", { path: "/" }],
    ["another method", { method: "PUT" }],
    ["another type", { headers: { "Content-Type": "text/plain" } }],
    ["no JSON", {}],
  ])("%s", async (_, options) => {
    await using webhook = await startWebhook();
    expect((await webhook.post("{", { agent: keptAgent(), ...options })).headers.connection).toBe("close");
  });

  test("who is still sending gets the answer first", async () => {
    await using webhook = await startWebhook();
    const socket = await connectTls(webhook.port, webhook.ca);
    const request = httpRequest("x".repeat(200_000)).replace("application/json", "text/plain");
    const received = receive(socket);
    socket.write(request.slice(0, 1000));
    await sleep(100);
    socket.write(request.slice(1000));
    const { text, closed } = await received;
    expect(text).toMatch(/^HTTP\/1\.1 415 .*"code":415\}$/s);
    expect(closed).toBe(true);
  });

  test("who never stops sending is cut off, but not as soon as the answer is out", async () => {
    await using webhook = await startWebhook();
    const socket = await connectTls(webhook.port, webhook.ca);
    let answered = 0;
    socket.once("data", () => (answered = performance.now()));
    socket.write(httpRequest("x".repeat(200_000)).replace("application/json", "text/plain").slice(0, 1000));
    const drip = setInterval(() => socket.write("x"), 100);
    expect(await receive(socket)).toMatchObject({ closed: true });
    clearInterval(drip);
    // Of two seconds; on a busy machine the answer is seen late.
    expect(performance.now() - answered).toBeGreaterThan(500);
  });
});

describe("a connection has an age at which it ends", () => {
  test("of five minutes, unless the config says otherwise", () => {
    expect(configSchema.parse({}).server.connectionSeconds).toBe(300);
  });
  test("give or take a quarter, so that not all end at once", async () => {
    const server = createServer();
    const lasts: number[] = [];
    const connections = trackConnections(server, { max: 100, maxAge: 1000, onShed: () => {} });
    server.on("connection", (socket) => {
      const { opened, retires } = connections.of(socket) ?? { opened: 0, retires: 0 };
      lasts.push(retires - opened);
    });
    onTestFinished(() => void server.close());
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    for (let count = 0; count < 50; count++) await idle(port);
    await expect.poll(() => lasts.length).toBe(50);
    expect(Math.min(...lasts)).toBeGreaterThanOrEqual(750);
    expect(Math.max(...lasts)).toBeLessThanOrEqual(1250);
    expect(Math.max(...lasts) - Math.min(...lasts)).toBeGreaterThan(100);
  });
  test("its next answer says so", async () => {
    await using webhook = await startWebhook({ server: { connectionSeconds: 2 } });
    const agent = keptAgent();
    const post = async (): Promise<string | undefined> => (await webhook.post(review, { agent })).headers.connection;
    const started = performance.now();
    await expect.poll(post).toBe("close");
    expect(performance.now() - started).toBeGreaterThan(1500);
    expect(await webhook.post(review, { agent })).toMatchObject({ reused: false });
  });
  test("0 is never", async () => {
    await using webhook = await startWebhook({ server: { connectionSeconds: 0 } });
    const agent = keptAgent();
    await webhook.post(review, { agent });
    expect((await webhook.post(review, { agent })).headers.connection).toBe("keep-alive");
  });
});
