/** A client that does not take its answers must not keep them, and its connection, in memory. */
import { createServer, type IncomingMessage } from "node:http";
import { connect as connectTcp, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type TLSSocket } from "node:tls";
import { PROFILES, createNaming, injected, type MutationSettings } from "@pod-secrets/core";
import { expect, onTestFinished, test } from "vitest";

import { trackConnections } from "../../src/server/connections.ts";
import { A_SECRET, podWith, reviewOf } from "./reviews.ts";
import { startWebhook, type StartedWebhook } from "./started-webhook.ts";
import { connectTls, countAnswers, httpRequest, receive } from "./tls-client.ts";

/** Its answer has 38 kB; some hundreds fill what the system keeps for a connection. */
const large = reviewOf(
  podWith(...Array.from({ length: 100 }, (_, index) => ({ group: `group-${index}`, key: `key-${index}` }))),
);

async function metric(webhook: StartedWebhook, name: string): Promise<number> {
  const { text } = await webhook.operations("/metrics");
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length));
}

/**
 * Sends requests one after the other, and reads nothing. Node ends a connection now and then on which more answers wait
 * than LONG_ANSWER allows; then another one is made.
 * @returns makes no other one from now on
 */
function neverReading({ port, ca }: StartedWebhook): () => void {
  let isSettled = false;
  const open = (): TLSSocket => {
    const opened = connect({ host: "127.0.0.1", port, ca });
    opened.pause();
    opened.on("error", () => {});
    opened.on("close", () => {
      if (!isSettled) socket = open();
    });
    return opened;
  };
  let socket = open();
  const settle = (): void => void (isSettled = true);
  const sending = setInterval(() => socket.write(httpRequest(large)), 10);
  onTestFinished(() => {
    settle();
    clearInterval(sending);
    socket.destroy();
  });
  return settle;
}

test(
  "it stays in the account of requests and bytes, and is closed after a while, counted and logged",
  { timeout: 180_000 },
  async () => {
    // Long enough for two looks at the metrics, also on a busy machine.
    await using webhook = await startWebhook({ server: { answerSeconds: 20 } });
    const settle = neverReading(webhook);
    // Nothing more is read from it, though it goes on sending, and yet there is a request in flight.
    const admitted = 'pod_secrets_admissions_total{outcome="changed"}';
    let before = 0;
    const isStuck = async (): Promise<boolean> => {
      const now = await metric(webhook, admitted);
      const isSame = now > 0 && now === before;
      before = now;
      return isSame && (await metric(webhook, "pod_secrets_requests_in_flight")) > 0;
    };
    await expect.poll(isStuck, { interval: 400, timeout: 60_000 }).toBe(true);
    settle();
    expect(await metric(webhook, "pod_secrets_body_bytes")).toBeGreaterThan(0);

    const unread = 'pod_secrets_connections_shed_total{port="server",reason="unread"}';
    await expect.poll(() => metric(webhook, unread), { timeout: 60_000 }).toBe(1);
    await expect.poll(() => metric(webhook, "pod_secrets_requests_in_flight")).toBe(0);
    expect(await metric(webhook, "pod_secrets_body_bytes")).toBe(0);
    const messages = (await webhook.logged()).filter(({ level }) => level === "warn").map(({ message }) => message);
    expect(messages).toEqual(["connections were closed whose clients did not take their answers"]);
  },
);

test("an answer that waits for that to an earlier request is not one that its client does not take", async () => {
  const profile = PROFILES["flyte-v1"];
  let delay = 2500;
  const settings: MutationSettings = {
    profile,
    naming: createNaming(profile),
    injectors: [
      {
        name: "slow",
        inject: async (pod) => {
          await sleep(delay);
          return injected(pod);
        },
      },
    ],
    onFailure: "deny",
  };
  await using webhook = await startWebhook({ server: { answerSeconds: 0.5 }, settings: (work) => work(settings) });
  const socket = await connectTls(webhook.port, webhook.ca);
  const received = receive(socket, (text) => countAnswers(text) === 2);
  const request = httpRequest(reviewOf(podWith(A_SECRET)));
  socket.write(request);
  await expect.poll(() => metric(webhook, "pod_secrets_requests_in_flight")).toBe(1);
  delay = 0;
  socket.write(request);
  expect(countAnswers((await received).text)).toBe(2);
});

test("a client that has taken one of its answers has its time anew for the next", async () => {
  const server = createServer();
  const connections = trackConnections(server, { max: 10, onShed: () => {} });
  const requests: IncomingMessage[] = [];
  server.on("request", (request: IncomingMessage) => requests.push(request));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = connectTcp((server.address() as AddressInfo).port, "127.0.0.1");
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  client.on("error", () => {});
  client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2));
  await expect.poll(() => requests.length).toBe(2);
  const connection = connections.of((requests[0] as IncomingMessage).socket);
  if (connection === undefined) throw new Error("the connection has ended");

  for (const request of requests) connections.begin(connection, request, performance.now());
  for (const _ of requests) connections.answered(connection);
  await sleep(60);
  connections.end(connection, true);
  expect(connections.closeUnread(50)).toBe(0);
  await sleep(60);
  expect(connections.closeUnread(50)).toBe(1);
});
