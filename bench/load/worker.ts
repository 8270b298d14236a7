/** The load, in a process of its own: takes orders from the bench, one at a time, and reports what it saw. */
import { setTimeout as sleep } from "node:timers/promises";

import { openConnections, type Exchange, type Target } from "./connection.ts";

export type Order =
  /** On each connection one request after the other, for so many milliseconds. */
  | { readonly kind: "flood"; readonly milliseconds: number }
  /** So many requests per second, whether the server keeps up or not. */
  | { readonly kind: "rate"; readonly milliseconds: number; readonly perSecond: number };

export interface LoadOrder {
  readonly target: Target;
  readonly connections: number;
  readonly order: Order;
}

export interface LoadReport {
  readonly requests: number;
  readonly seconds: number;
  /** Length of an answer's body, in bytes. */
  readonly answerBytes: number;
  /** Of each request at a fixed rate, from when it was due to its answer, in milliseconds. */
  readonly latencies: readonly number[];
}

/** Kept from one order to the next. */
const open = new Map<string, Exchange>();

function connectionsTo(target: Target, count: number): Exchange {
  // With the whole body: reviews of different pods may be of one length.
  const key = `${target.port} ${target.path} ${target.body}`;
  const exchange = open.get(key) ?? openConnections(target, count);
  open.set(key, exchange);
  return exchange;
}

async function flood(exchange: Exchange, connections: number, milliseconds: number): Promise<LoadReport> {
  const started = performance.now();
  const end = started + milliseconds;
  let requests = 0;
  let answerBytes = 0;
  const client = async (): Promise<void> => {
    do {
      answerBytes = await exchange();
      requests++;
    } while (performance.now() < end);
  };
  await Promise.all(Array.from({ length: connections }, client));
  return { requests, seconds: (performance.now() - started) / 1000, answerBytes, latencies: [] };
}

/** Requests are due at fixed times; one that finds all connections busy waits for one, and its wait counts. */
async function atRate(exchange: Exchange, milliseconds: number, perSecond: number): Promise<LoadReport> {
  const latencies: number[] = [];
  const pending: Promise<void>[] = [];
  const started = performance.now();
  let answerBytes = 0;
  const send = async (due: number): Promise<void> => {
    answerBytes = await exchange();
    latencies.push(performance.now() - due);
  };
  const requests = Math.round((milliseconds * perSecond) / 1000);
  while (pending.length < requests) {
    const due = started + (pending.length * 1000) / perSecond;
    if (due <= performance.now()) pending.push(send(due));
    else await sleep(1);
  }
  await Promise.all(pending);
  return { requests, seconds: (performance.now() - started) / 1000, answerBytes, latencies };
}

async function run({ target, connections, order }: LoadOrder): Promise<LoadReport> {
  const exchange = connectionsTo(target, connections);
  return order.kind === "flood"
    ? flood(exchange, connections, order.milliseconds)
    : atRate(exchange, order.milliseconds, order.perSecond);
}

process.on("message", (message: LoadOrder) => {
  void run(message).then(
    (report) => process.send?.({ report }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit());
