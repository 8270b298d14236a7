/** The load, in a process of its own: takes orders from the bench, one at a time, and reports what it saw. */
import { setTimeout as sleep } from "node:timers/promises";

import { openConnection, type Connection, type Target } from "./connection.ts";

export type Order =
  /** As fast as the server answers, for so many milliseconds. */
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

const open = new Map<string, Promise<readonly Connection[]>>();

function connectionsTo(target: Target, count: number): Promise<readonly Connection[]> {
  const key = `${target.port} ${target.path} ${target.body.length}`;
  let connections = open.get(key);
  if (connections === undefined) {
    connections = Promise.all(Array.from({ length: count }, () => openConnection(target)));
    open.set(key, connections);
  }
  return connections;
}

async function flood(connections: readonly Connection[], milliseconds: number): Promise<LoadReport> {
  const started = performance.now();
  const end = started + milliseconds;
  let requests = 0;
  let answerBytes = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() < end) {
        answerBytes = await connection.exchange();
        requests++;
      }
    }),
  );
  return { requests, seconds: (performance.now() - started) / 1000, answerBytes, latencies: [] };
}

/** Requests are due at fixed times; one that finds all connections busy waits, and its wait counts. */
async function atRate(
  connections: readonly Connection[],
  milliseconds: number,
  perSecond: number,
): Promise<LoadReport> {
  const free = [...connections];
  const due: number[] = [];
  const latencies: number[] = [];
  const pending = new Set<Promise<void>>();
  const count = Math.round((milliseconds * perSecond) / 1000);
  const started = performance.now();
  let answerBytes = 0;
  const serve = async (connection: Connection): Promise<void> => {
    for (let at = due.shift(); at !== undefined; at = due.shift()) {
      answerBytes = await connection.exchange();
      latencies.push(performance.now() - at);
    }
    free.push(connection);
  };
  const startDue = (): void => {
    while (due.length > 0) {
      const connection = free.pop();
      if (connection === undefined) return;
      const exchange = serve(connection).finally(() => pending.delete(exchange));
      pending.add(exchange);
    }
  };
  for (let sent = 0; sent < count;) {
    const now = performance.now();
    while (sent < count && started + (sent * 1000) / perSecond <= now) due.push(started + (sent++ * 1000) / perSecond);
    startDue();
    await sleep(1);
  }
  await Promise.all(pending);
  return { requests: count, seconds: (performance.now() - started) / 1000, answerBytes, latencies };
}

process.on("message", (message: LoadOrder) => {
  void run(message).then(
    (report) => process.send?.({ report }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit());

async function run({ target, connections: count, order }: LoadOrder): Promise<LoadReport> {
  const connections = await connectionsTo(target, count);
  return order.kind === "flood"
    ? flood(connections, order.milliseconds)
    : atRate(connections, order.milliseconds, order.perSecond);
}
