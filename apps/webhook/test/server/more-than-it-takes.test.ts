/** L4: more admissions come than the webhook can answer. bench/overload.ts does the same for longer. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";

import { builtCommand } from "../cli/built-command.ts";
import { folderOf } from "../cli/running.ts";
import { pluginSource } from "../compose/plugin-folder.ts";
import { apiServer, capacityOf, createAtRate, type ApiServer } from "./api-server.ts";
import { A_SECRET, podWith, reviewOf } from "./reviews.ts";
import { startServing, type ServingProcess } from "./serving-process.ts";

const command = builtCommand();
const review = reviewOf(podWith(A_SECRET));

/** An injector that keeps the only thread for so long, asleep: the capacity is known, and the client has time to spare. */
async function serveSlowly(
  milliseconds: number,
  timeoutSeconds: number,
): Promise<{ readonly serving: ServingProcess; readonly calls: ApiServer }> {
  const create = `() => {
    const lock = new Int32Array(new SharedArrayBuffer(4));
    return { name: "sleeper", inject: (pod) => (Atomics.wait(lock, 0, 0, ${milliseconds}), { outcome: "injected", pod }) };
  }`;
  const folder = folderOf({
    "sleeper.mjs": pluginSource({ name: '"sleeper"', create }),
    "config.yaml": "managers: [{ use: ./sleeper.mjs }]\n",
  });
  const caFile = join(folder, "ca.crt");
  const args = ["--self-signed", "--ca-file", caFile, "--config", join(folder, "config.yaml")];
  const serving = await startServing(command().program, args);
  const calls = apiServer({ port: serving.port, ca: readFileSync(caFile, "utf8"), timeoutSeconds });
  onTestFinished(calls.stop);
  return { serving, calls };
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function metric(serving: ServingProcess, name: string): Promise<number> {
  const text = await serving.operations("/metrics");
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length));
}

describe("a burst", () => {
  test("of 300 at once, all of which fit into the timeout, is admitted as a whole", async () => {
    const { calls } = await serveSlowly(10, 30);
    const creations = await Promise.all(Array.from({ length: 300 }, () => calls.create(review)));
    expect(creations.filter((creation) => creation !== "admitted")).toEqual([]);
  });
});

describe("twice as many as it takes", () => {
  test("are admitted at nearly the rate of its capacity, probes are answered, and nothing is left afterwards", async () => {
    const { serving, calls } = await serveSlowly(60, 5);
    const capacity = await capacityOf(calls, review, 3);
    const load = createAtRate(calls, review, capacity * 2, 8);
    const waits: number[] = [];
    for (let second = 0; second < 8; second++) {
      const asked = performance.now();
      expect(await serving.operations("/healthz")).toBe("ok\n");
      waits.push(performance.now() - asked);
      await sleep(1000);
    }
    // What the kubelet waits for one, unless a probe says otherwise.
    expect(median(waits)).toBeLessThan(1000);
    const seconds = await load;
    const admitted = seconds.slice(2, 8).reduce((total, second) => total + second.admitted, 0);
    expect(admitted / 6).toBeGreaterThan(capacity * 0.6);
    // What could not be answered in time was not worked on, and mostly not even begun with.
    const skipped = [
      'overload_total{reason="late"}',
      'overload_total{reason="gone"}',
      'connections_shed_total{port="server",reason="expired"}',
    ].map((name) => metric(serving, `pod_secrets_${name}`));
    expect((await Promise.all(skipped)).reduce((total, count) => total + count, 0)).toBeGreaterThan(20);

    expect(await calls.create(review)).toBe("admitted");
    for (const name of ["requests_in_flight", "admissions_waiting", "body_bytes"])
      expect(await metric(serving, `pod_secrets_${name}`)).toBe(0);
  });
});
