/** What a replica takes while it has nothing to do: installed by the chart, registered, with a managed certificate. */
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { builtCommand } from "../../apps/webhook/test/cli/built-command.ts";
import { needing, nodeSupport } from "../cluster/src/index.ts";
import { helmSupport } from "../tools/helm.ts";
import { CHART_NAMESPACE, startChartCluster, type ChartCluster } from "./rig/chart-cluster.ts";
import { createNamespace } from "./rig/namespace.ts";

/** Milliseconds after it is ready. */
const AT_REST = 10_000;
/**
 * Of the process alone, in MB: its heap, stacks and pools, as against the pages of Node's binary that all processes of
 * a machine share. 21 MB when this was written, within half a megabyte from run to run.
 */
const MOST_PRIVATE = 23;
/** With those pages: 69 MB. How many of them are mapped is a matter of chance, five megabytes more at the most seen. */
const MOST_RESIDENT = 75;

interface Figures {
  readonly resident: number;
  readonly own: number;
  /** Milliseconds since 1970 at which the process was started. */
  readonly started: number;
}

/** Runs beside the webhook, which is process 1 of its container. Times in /proc are in hundredths of a second. */
const READ_FIGURES = `
  const { readFileSync } = require("node:fs");
  const rollup = readFileSync("/proc/1/smaps_rollup", "utf8");
  const megabytes = (name) => (Number(new RegExp("^" + name + ":\\\\s+(\\\\d+) kB", "m").exec(rollup)[1]) * 1024) / 1e6;
  const ticks = Number(readFileSync("/proc/1/stat", "utf8").split(") ")[1].split(" ")[19]);
  const uptime = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  const started = Date.now() - (uptime - ticks / 100) * 1000;
  console.log(JSON.stringify({ resident: megabytes("Rss"), own: megabytes("Anonymous"), started }));`;

describe("a replica at rest", needing(nodeSupport(), helmSupport()), () => {
  const command = builtCommand();
  let chart: ChartCluster;

  beforeAll(async () => {
    chart = await startChartCluster(dirname(command().program));
    await createNamespace(chart.api, CHART_NAMESPACE);
    await chart.release("install", "1.0.0");
    await sleep(AT_REST);
  });

  afterAll(() => chart?.[Symbol.asyncDispose]());

  /** Milliseconds from the start of the process to its first line of the log with such a message. */
  async function timeTo(message: string, pod: string, started: number): Promise<number> {
    const { stdout } = await chart.cluster.kubectl(["logs", pod, "--namespace", CHART_NAMESPACE]);
    const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
    const found = lines.map((line) => JSON.parse(line) as Line).find((line) => line.message === message);
    return Math.round(Date.parse(found?.time ?? "") - started);
  }

  test(`has ${MOST_PRIVATE} MB of its own and ${MOST_RESIDENT} MB resident at most`, async () => {
    const pods = (await chart.webhookPods()).map(({ metadata }) => metadata.name);
    expect(pods).toHaveLength(2);
    for (const pod of pods) {
      const { resident, own, started } = JSON.parse(await chart.inWebhook(READ_FIGURES, pod)) as Figures;
      const [serving, registered] = [await timeTo("serving", pod, started), await timeTo("registered", pod, started)];
      console.log(`${resident.toFixed(1)} MB resident, ${own.toFixed(1)} MB of it its own`);
      console.log(`${serving} ms from the start to serving, ${registered} ms to being registered, and so ready`);

      expect(own).toBeLessThan(MOST_PRIVATE);
      expect(resident).toBeLessThan(MOST_RESIDENT);
      expect(registered).toBeGreaterThan(serving);
    }
  });
});

/** Of the log. */
interface Line {
  readonly time: string;
  readonly message: string;
}
