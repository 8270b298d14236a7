import { createServer } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished, test } from "vitest";

import { createByteBudget, type ByteBudget } from "../../src/server/byte-budget.ts";
import { readBody, type Body } from "../../src/server/read-body.ts";

const MIB = 1024 * 1024;

interface Reading {
  readonly client: Socket;
  readonly body: Promise<Body>;
  /** Sizes of the chunks that came. */
  readonly chunks: readonly number[];
}

/** A request over a real connection, whose body the test sends. */
async function reading(limit: number, budget: ByteBudget, framing = "Transfer-Encoding: chunked"): Promise<Reading> {
  const body = Promise.withResolvers<Body>();
  const chunks: number[] = [];
  const server = createServer((request, response) => {
    body.resolve(readBody(request, limit, budget).finally(() => response.end()));
    request.on("data", (chunk: Buffer) => chunks.push(chunk.length));
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = await new Promise<AddressInfo>((done) =>
    server.listen(0, "127.0.0.1", () => done(server.address() as AddressInfo)),
  );
  const client = connect(port, "127.0.0.1");
  onTestFinished(() => void client.destroy());
  client.on("error", () => {}).resume();
  client.write(`POST / HTTP/1.1\r\nHost: x\r\n${framing}\r\n\r\n`);
  return { client, body: body.promise, chunks };
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** In bytes, without what nobody holds. */
function memory(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const inBytes = (text: string): string => text.replaceAll(/./g, "1\r\n$&\r\n");
const END = "0\r\n\r\n";

test("a body in chunks of one byte is read whole, and takes no more memory than twice its length", async () => {
  const budget = createByteBudget(8 * MIB, MIB);
  const { client, body, chunks } = await reading(MIB, budget);
  const text = "0123456789".repeat(20_000);
  client.write(inBytes(text) + END);
  const read = await body;
  expect(read).toMatchObject({ outcome: "read" });
  if (read.outcome !== "read") return;
  expect(chunks).toHaveLength(text.length);
  expect(read.bytes.toString()).toBe(text);
  expect(read.bytes.buffer.byteLength).toBeLessThanOrEqual(2 * text.length);
  expect(read.held).toBe(read.bytes.buffer.byteLength);
  expect(budget.taken()).toBe(read.held);
});

test("what a body in chunks of one byte takes up while it comes is what is charged for it", async () => {
  const budget = createByteBudget(8 * MIB, MIB);
  const { client, chunks } = await reading(MIB, budget);
  const before = memory();
  client.write(inBytes("x".repeat(200_000)));
  await expect.poll(() => chunks.length).toBe(200_000);
  expect(budget.taken()).toBeGreaterThanOrEqual(200_000);
  expect(budget.taken()).toBeLessThanOrEqual(400_000);
  // A Buffer for each would be 40 MB; the test itself keeps the sizes of the chunks.
  expect(memory() - before).toBeLessThan(10 * MIB);
}, 20_000);

test("a body that comes at once is not copied, and one in two parts is copied into what it announced", async () => {
  const budget = createByteBudget(8 * MIB, MIB);
  const whole = await reading(MIB, budget, "Content-Length: 3000");
  whole.client.write("x".repeat(3000));
  expect(await whole.body).toMatchObject({ outcome: "read", held: 3000 });
  const parts = await reading(MIB, budget, "Content-Length: 3000");
  parts.client.write("x".repeat(2000));
  await expect.poll(() => parts.chunks).toEqual([2000]);
  parts.client.write("y".repeat(1000));
  const read = await parts.body;
  expect(read).toMatchObject({ outcome: "read", held: 3000 });
  expect(read.outcome === "read" && read.bytes.toString()).toBe("x".repeat(2000) + "y".repeat(1000));
  expect(budget.taken()).toBe(6000);
});

test("much that is announced takes no more than twice what has come", async () => {
  const budget = createByteBudget(8 * MIB, MIB);
  const { client, chunks } = await reading(MIB, budget, `Content-Length: ${MIB}`);
  client.write("x".repeat(2000));
  await expect.poll(() => chunks).toEqual([2000]);
  client.write("x".repeat(2000));
  await expect.poll(() => chunks).toEqual([2000, 2000]);
  expect(budget.taken()).toBeLessThanOrEqual(8000);
});

test("the longest body fits a budget that is no larger", async () => {
  const budget = createByteBudget(10_000, 10_000);
  const { client, body } = await reading(10_000, budget);
  client.write(inBytes("x".repeat(10_000)) + END);
  expect(await body).toMatchObject({ outcome: "read", held: 10_000 });
});

test.each([
  ["longer than the limit", 3000, 8 * MIB, "too-large"],
  ["more than the budget has", 6000, 4000, "busy"],
] as const)("%s gives back what was taken", async (_, limit, most, outcome) => {
  const budget = createByteBudget(most, most);
  const { client, body } = await reading(limit, budget);
  client.write(inBytes("x".repeat(5000)) + END);
  expect(await body).toEqual({ outcome });
  expect(budget.taken()).toBe(0);
});

test("a client that goes away gives back what was taken", async () => {
  const budget = createByteBudget(8 * MIB, MIB);
  const { client, body, chunks } = await reading(MIB, budget);
  client.write(inBytes("x".repeat(100)));
  await expect.poll(() => chunks.length).toBe(100);
  client.destroy();
  expect(await body).toEqual({ outcome: "aborted" });
  expect(budget.taken()).toBe(0);
});
