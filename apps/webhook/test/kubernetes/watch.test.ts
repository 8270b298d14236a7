/** Following one object, whatever becomes of the connection. */
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";

import type { KubernetesError, KubernetesObject, WatchEvent } from "../../src/kubernetes/kubernetes-client.ts";
import { connectTo, json, startDouble, type ApiDouble, type Asked } from "./api-double.ts";

const COLLECTION = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";

interface WatchedDouble {
  readonly double: ApiDouble;
  /** What lists give. */
  present: KubernetesObject | undefined;
  /** Open watches, the latest last. */
  readonly watches: ServerResponse[];
  send(type: string, object: unknown): void;
}

async function startWatched(onWatch: (response: ServerResponse) => void = () => {}): Promise<WatchedDouble> {
  const watches: ServerResponse[] = [];
  const watched: { present: KubernetesObject | undefined } = { present: { metadata: { name: "x", uid: "first" } } };
  const double = await startDouble(({ url }, response) => {
    if (url.searchParams.get("watch") !== "true") {
      const items = watched.present === undefined ? [] : [watched.present];
      return json(response, 200, { metadata: { resourceVersion: "7" }, items });
    }
    response.writeHead(200).flushHeaders();
    watches.push(response);
    onWatch(response);
  });
  return Object.assign(watched, {
    double,
    watches,
    send: (type: string, object: unknown) => void watches.at(-1)?.write(`${JSON.stringify({ type, object })}\n`),
  });
}

interface Following {
  readonly events: WatchEvent<KubernetesObject>[];
  readonly problems: KubernetesError[];
  readonly stop: AbortController;
}

async function follow({ double }: WatchedDouble, onEvent = (): void => {}, resync = 60_000): Promise<Following> {
  const { client } = await connectTo(double);
  const following: Following = { events: [], problems: [], stop: new AbortController() };
  onTestFinished(() => following.stop.abort());
  client.watch(
    COLLECTION,
    "x",
    (event) => {
      following.events.push(event);
      onEvent();
    },
    { signal: following.stop.signal, resync, onProblem: (error) => following.problems.push(error) },
  );
  await expect.poll(() => following.events.length).toBeGreaterThan(0);
  return following;
}

const lists = ({ double }: WatchedDouble): readonly Asked[] =>
  double.asked.filter(({ url }) => !url.searchParams.has("watch"));

describe("a watch", () => {
  test("tells the object as it is, then each change, and its end", async () => {
    const watched = await startWatched();
    const { events } = await follow(watched);
    await expect.poll(() => watched.watches.length).toBe(1);
    watched.send("MODIFIED", { metadata: { name: "x", uid: "second" } });
    watched.send("BOOKMARK", { metadata: { resourceVersion: "9" } });
    watched.send("DELETED", { metadata: { name: "x" } });
    watched.send("ADDED", { metadata: { name: "x", uid: "third" } });
    await expect
      .poll(() => events)
      .toEqual([
        { type: "present", object: { metadata: { name: "x", uid: "first" } } },
        { type: "present", object: { metadata: { name: "x", uid: "second" } } },
        { type: "deleted" },
        { type: "present", object: { metadata: { name: "x", uid: "third" } } },
      ]);
    const { searchParams } = watched.double.asked.at(-1)?.url ?? new URL("https://none");
    expect(Object.fromEntries(searchParams)).toEqual({
      fieldSelector: "metadata.name=x",
      watch: "true",
      resourceVersion: "7",
      timeoutSeconds: "60",
    });
  });
  test("says so when the object is not there", async () => {
    const watched = await startWatched();
    watched.present = undefined;
    expect((await follow(watched)).events).toEqual([{ type: "deleted" }]);
  });
  test("tells it again when the API server ends the watch, as it does after each resync", async () => {
    const watched = await startWatched((response) => void setTimeout(() => response.end(), 1000));
    const { events, problems } = await follow(watched);
    await expect.poll(() => events.length, { timeout: 5000 }).toBeGreaterThan(2);
    expect(problems).toEqual([]);
  });
  test("that ends at once is asked for less and less often", async () => {
    const watched = await startWatched((response) => void response.end());
    const { problems } = await follow(watched);
    await sleep(1500);
    // Of the waits 100, 200, 400, ... ms at least half is fixed: five of them take 1550 ms.
    expect(lists(watched).length).toBeGreaterThan(1);
    expect(lists(watched).length).toBeLessThanOrEqual(5);
    expect(problems).toEqual([]);
  });
  test("reads anew when the version is too old", async () => {
    const watched = await startWatched();
    const { events, problems } = await follow(watched);
    await expect.poll(() => watched.watches.length).toBe(1);
    watched.send("ERROR", { kind: "Status", code: 410, reason: "Expired", message: "canary" });
    await expect.poll(() => events.length).toBe(2);
    expect(problems.map(({ message }) => message)).toEqual([`WATCH ${COLLECTION}/x: HTTP 410 Expired`]);
  });
  test.each([
    ["broken", (response: ServerResponse) => void response.destroy()],
    ["spoilt", (response: ServerResponse) => void response.write("no json\n")],
  ])("goes on after a %s connection", async (_, spoil) => {
    const watched = await startWatched();
    const { events, problems } = await follow(watched);
    await expect.poll(() => watched.watches.length).toBe(1);
    for (const response of watched.watches) spoil(response);
    await expect.poll(() => events.length).toBe(2);
    expect(problems).toMatchObject([{ failure: "unreachable" }]);
  });
  test("notices soon that an API server that was away listens again", async () => {
    const watched = await startWatched();
    const { events, problems } = await follow(watched);
    await watched.double.stop();
    await expect.poll(() => problems.length, { timeout: 20_000 }).toBeGreaterThan(6);
    const before = events.length;
    await watched.double.start();
    await expect.poll(() => events.length, { timeout: 2500 }).toBeGreaterThan(before);
  });
  test("asks less and less often an API server that only fails", async () => {
    const double = await startDouble((_, response) => json(response, 500, {}));
    const { client } = await connectTo(double);
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const times: number[] = [];
    const onProblem = (): void => void times.push(performance.now());
    client.watch(COLLECTION, "x", () => {}, { signal: stop.signal, resync: 60_000, onProblem });
    await expect.poll(() => times.length, { timeout: 20_000 }).toBe(6);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    // The half of each that is not left to chance; a timer may be early by a millisecond.
    for (const [index, wait] of waits.entries()) expect(wait).toBeGreaterThan(50 * 2 ** index - 2);
  });
  test("goes on when what it tells is not taken", async () => {
    const watched = await startWatched();
    let calls = 0;
    const { events } = await follow(watched, () => {
      calls += 1;
      if (calls === 1) throw new Error("not taken");
    });
    await expect.poll(() => events.length).toBe(2);
  });
  test("ends with the signal", async () => {
    const watched = await startWatched();
    const { stop, problems } = await follow(watched);
    await expect.poll(() => watched.watches.length).toBe(1);
    const closed = new Promise((done) => watched.watches[0]?.on("close", done));
    stop.abort();
    await closed;
    expect(lists(watched)).toHaveLength(1);
    expect(problems).toEqual([]);
  });
});
