/** Clients that are slow, many, large or gone must not keep the API server from being served. */
import { connect } from "node:net";
import { Agent } from "node:https";
import { describe, expect, onTestFinished, test } from "vitest";

import { A_SECRET, podWith, reviewOf, statusIn } from "./reviews.ts";
import { REVIEW_PATH, startWebhook, type StartedWebhook } from "./started-webhook.ts";
import { connectTls, httpRequest, receive } from "./tls-client.ts";

const review = reviewOf(podWith(A_SECRET));
const request = httpRequest(review);
const headEnd = request.indexOf("\r\n\r\n") + 4;

/** How long until the server closes a connection on which nothing more is sent, in milliseconds. */
async function closedAfter(
  webhook: StartedWebhook,
  bytes: string,
): Promise<{ readonly after: number; readonly text: string }> {
  const socket = await connectTls(webhook.port, webhook.ca);
  const started = performance.now();
  socket.write(bytes);
  const { text, closed } = await receive(socket);
  if (!closed) throw new Error("the server did not close the connection");
  return { after: performance.now() - started, text };
}

function tcpClosedAfter(port: number): Promise<number> {
  const started = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => {});
    socket.on("close", () => resolve(performance.now() - started));
  });
}

async function metric(webhook: StartedWebhook, name: string): Promise<number> {
  const { text } = await webhook.operations("/metrics");
  return Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
}

describe("slow clients are let go, and do not disturb the others", () => {
  test("without a handshake, a head, or a body", async () => {
    await using webhook = await startWebhook({
      server: { handshakeSeconds: 2, headersSeconds: 2, requestSeconds: 3 },
    });
    const slow = [
      ...Array.from({ length: 40 }, () => tcpClosedAfter(webhook.port)),
      ...Array.from({ length: 40 }, () => closedAfter(webhook, request.slice(0, 40)).then(({ after }) => after)),
      ...Array.from({ length: 40 }, () =>
        closedAfter(webhook, request.slice(0, headEnd + 40)).then(({ after }) => after),
      ),
    ];
    const closed = Promise.all(slow);
    let served = 0;
    let areOpen = true;
    void closed.finally(() => (areOpen = false));
    const goesOn = (): boolean => areOpen || served < 20;
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    while (goesOn()) {
      expect(await webhook.post(review, { agent })).toMatchObject({ code: 200 });
      served++;
    }
    // Looked at once per second; the defaults would take ten and more.
    for (const after of await closed) expect(after).toBeLessThan(10_000);
  });

  test("who is too slow with a request is told so", async () => {
    await using webhook = await startWebhook({ server: { headersSeconds: 0.3, requestSeconds: 0.5 } });
    expect((await closedAfter(webhook, request.slice(0, 40))).text).toMatch(/^HTTP\/1\.1 408 /);
    expect((await closedAfter(webhook, request.slice(0, headEnd + 40))).text).toMatch(/^HTTP\/1\.1 408 /);
  });

  test("a byte now and then does not help", async () => {
    await using webhook = await startWebhook({ server: { headersSeconds: 0.3, requestSeconds: 0.6 } });
    const socket = await connectTls(webhook.port, webhook.ca);
    socket.write(request.slice(0, headEnd));
    const drip = setInterval(() => socket.write("{"), 50);
    const { closed } = await receive(socket);
    clearInterval(drip);
    expect(closed).toBe(true);
  });
});

describe("the memory of bodies is bounded", () => {
  test("beyond the budget the answer is 429, and the API server is asked to try again", async () => {
    await using webhook = await startWebhook({ server: { maxBytesInFlight: 4096, maxBodyBytes: 8192 } });
    const holder = await connectTls(webhook.port, webhook.ca);
    holder.write(httpRequest(review.padEnd(4000, " ")).slice(0, -10));
    await expect.poll(() => metric(webhook, "pod_secrets_body_bytes")).toBeGreaterThan(3000);

    const busy = await webhook.post(review);
    expect(busy.code).toBe(429);
    expect(busy.headers["retry-after"]).toBe("1");
    expect(statusIn(busy)).toMatchObject({ reason: "TooManyRequests" });

    holder.destroy();
    await expect.poll(() => metric(webhook, "pod_secrets_body_bytes")).toBe(0);
    expect((await webhook.post(review)).code).toBe(200);
  });

  test("announced bytes that do not come take nothing from the others", async () => {
    await using webhook = await startWebhook({ server: { maxBytesInFlight: 100_000 } });
    const liars = await Promise.all(Array.from({ length: 20 }, () => connectTls(webhook.port, webhook.ca)));
    const head = `POST ${REVIEW_PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 7000000\r\n\r\n`;
    for (const liar of liars) liar.write(head);
    await expect.poll(() => metric(webhook, "pod_secrets_requests_in_flight")).toBe(20);
    expect((await webhook.post(review)).code).toBe(200);
    for (const liar of liars) liar.destroy();
  });

  test("large bodies that are held do not keep small ones from being served", async () => {
    const [limit, length] = [8 * 1024 * 1024, 1024 * 1024];
    await using webhook = await startWebhook({ server: { maxBytesInFlight: limit, maxBodyBytes: length } });
    const held = await Promise.all(Array.from({ length: 10 }, () => connectTls(webhook.port, webhook.ca)));
    // All of them together fill the budget, up to 100 bytes.
    const missing = length - Math.floor((limit - 100) / held.length);
    for (const socket of held) socket.write(httpRequest(" ".repeat(length)).slice(0, -missing));
    await expect.poll(() => metric(webhook, "pod_secrets_requests_in_flight")).toBeGreaterThan(0);
    let before = Number.NaN;
    const isSettled = async (): Promise<boolean> =>
      before === (before = await metric(webhook, "pod_secrets_body_bytes"));
    await expect.poll(isSettled, { interval: 200 }).toBe(true);
    expect(before).toBeGreaterThan(limit * 0.75);

    for (let served = 0; served < 20; served++) expect((await webhook.post(review)).code).toBe(200);
    // What does not say how long it is counts as large.
    const unannounced = await webhook.post(review.padEnd(length), { headers: { "Transfer-Encoding": "chunked" } });
    expect(unannounced.code).toBe(429);
    for (const socket of held) socket.destroy();
  });

  test("a flood of large bodies never takes more than the budget, and the API server is served meanwhile", async () => {
    const budget = 16 * 1024 * 1024;
    await using webhook = await startWebhook({ server: { maxBytesInFlight: budget } });
    const large = Buffer.alloc(7_340_032, " ");
    const flood = Promise.all(
      Array.from({ length: 16 }, () =>
        webhook.post(large).then(
          ({ code }) => code,
          () => 0,
        ),
      ),
    );
    let isOver = false;
    void flood.finally(() => (isOver = true));
    const seen: number[] = [];
    await expect
      .poll(
        async () => {
          seen.push(await metric(webhook, "pod_secrets_body_bytes"));
          expect([200, 429]).toContain((await webhook.post(review)).code);
          return isOver;
        },
        { timeout: 50_000, interval: 5 },
      )
      .toBe(true);
    expect(Math.max(...seen)).toBeLessThanOrEqual(budget);
    const codes = await flood;
    expect(codes.every((code) => code === 400 || code === 429)).toBe(true);
    expect(codes).toContain(429);
    expect(await metric(webhook, "pod_secrets_body_bytes")).toBe(0);
  }, 60_000);
});

test("clients that go away at any byte leave nothing behind", async () => {
  await using webhook = await startWebhook();
  const server = webhook.serving.admissions.server;
  const open = (): Promise<number> => new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
  for (let round = 0; round < 30; round++) {
    const sockets = await Promise.all(Array.from({ length: 10 }, () => connectTls(webhook.port, webhook.ca)));
    for (const [index, socket] of sockets.entries()) {
      const end = Math.floor(((round * 10 + index) / 300) * (request.length + 1));
      socket.write(request.slice(0, end), () => socket.destroy());
    }
  }
  await expect.poll(open).toBe(0);
  await expect.poll(() => metric(webhook, "pod_secrets_requests_in_flight")).toBe(0);
  expect(await metric(webhook, "pod_secrets_body_bytes")).toBe(0);
  expect((await webhook.post(review)).code).toBe(200);
  const errors = (await webhook.logged()).filter(({ level }) => level === "error");
  expect(errors).toEqual([]);
});
