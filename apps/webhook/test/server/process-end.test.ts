/** How the process ends when something else than itself does not play along. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, existsSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { Agent } from "node:https";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

import { builtCommand } from "../cli/built-command.ts";
import { folderOf } from "../cli/running.ts";
import { pluginSource } from "../compose/plugin-folder.ts";
import { podWith, reviewOf } from "./reviews.ts";
import { getText, PORTS, postReview, startServing, type ServingProcess } from "./serving-process.ts";

const command = builtCommand();
const QUICK = "server: { drainSeconds: 0 }\n";

/** Serves with a plugin that has such a `create`. */
function serveWith(create: string, config = `${QUICK}managers: [{ use: ./odd.mjs }]\n`): Promise<ServingProcess> {
  const folder = folderOf({ "odd.mjs": pluginSource({ name: '"odd"', create }), "config.yaml": config });
  return startServing(command().program, ["--self-signed", "--config", join(folder, "config.yaml")]);
}

/** A create that gives an injector with nothing, after `first`. */
function creating(first: string): string {
  return `() => { ${first}; return { name: "odd", inject: () => ({ outcome: "skipped", reason: "it has nothing" }) }; }`;
}

describe("what an injector leaves running does not keep a stopped webhook", () => {
  test("a reload that hangs in its start", async () => {
    const folder = folderOf({ "config.yaml": QUICK });
    const [config, begun] = [join(folder, "config.yaml"), join(folder, "begun")];
    const create = `() => (process.getBuiltinModule("fs").writeFileSync(${JSON.stringify(begun)}, ""), new Promise(() => {}))`;
    writeFileSync(join(folder, "stuck.mjs"), pluginSource({ name: '"stuck"', create }));
    const serving = await startServing(command().program, ["--self-signed", "--config", config]);
    writeFileSync(config, `${QUICK}managers: [{ use: ./stuck.mjs }]\n`);
    serving.signal("SIGHUP");
    await expect.poll(() => existsSync(begun)).toBe(true);
    expect(serving.logged().map(({ message }) => message)).toEqual(["serving"]);
    const asked = performance.now();
    serving.signal("SIGTERM");
    expect(await serving.exit).toBe(0);
    // The start is given up after thirty seconds.
    expect(performance.now() - asked).toBeLessThan(25_000);
    expect(serving.logged().map(({ message }) => message)).toEqual(["serving", "stopping", "stopped"]);
  });
  test("a timer that is never cleared", async () => {
    const serving = await serveWith(creating("setInterval(() => {}, 1000)"));
    serving.signal("SIGTERM");
    expect(await serving.exit).toBe(0);
  });
});

describe("an error that nobody waited for is logged without its text, and the process drains and ends with 70", () => {
  test.each([
    ["an exception", 'process.on("SIGUSR2", () => { throw new RangeError("s3cr3t"); })', "RangeError"],
    ["a rejection", 'process.on("SIGUSR2", () => Promise.reject(new TypeError("s3cr3t")))', "TypeError"],
  ])("%s", async (_, fault, name) => {
    const serving = await serveWith(creating(fault), "server: { drainSeconds: 4 }\nmanagers: [{ use: ./odd.mjs }]\n");
    serving.signal("SIGUSR2");
    await expect.poll(() => serving.logged().length).toBeGreaterThanOrEqual(3);
    // It goes on serving while the cluster learns that it is leaving.
    expect(await serving.operations("/readyz")).toContain("[-] draining: the process is stopping");
    expect(await serving.exit).toBe(70);
    expect(serving.logged()).toMatchObject([
      { message: "serving" },
      { level: "error", error: name, message: expect.stringMatching(/the process will end$/) },
      { message: "stopping", acceptSeconds: 4 },
      { message: "stopped" },
    ]);
    expect(JSON.stringify(serving.logged())).not.toContain("s3cr3t");
  });
  test("more of them while it drains are logged, and do not cut it short", async () => {
    const serving = await serveWith(
      creating('setInterval(() => { throw new RangeError("s3cr3t"); }, 300)'),
      "server: { drainSeconds: 2 }\nmanagers: [{ use: ./odd.mjs }]\n",
    );
    expect(await serving.exit).toBe(70);
    const at = (line: string): number =>
      Date.parse(String(serving.logged().find(({ message }) => message === line)?.["time"]));
    expect(at("stopped") - at("stopping")).toBeGreaterThan(1900);
    expect(serving.logged().filter(({ level }) => level === "error").length).toBeGreaterThan(2);
  });
});

describe("standard output that nobody reads", () => {
  /** Its line in the log has 4 kB, so that a thousand fill what may wait. */
  const review = reviewOf(
    podWith(
      ...Array.from({ length: 100 }, (_, index) => ({ group: `group-${index}`, key: `${"long-".repeat(4)}${index}` })),
    ),
  );

  /** Serves into a named pipe, as container runtimes have it; whoever reads it stops after the first line. */
  async function serveIntoPipe(): Promise<{
    readonly port: number;
    readonly operationsPort: number;
    readonly ca: string;
    readonly closeReader: () => void;
    readonly end: () => Promise<number | null>;
  }> {
    const folder = folderOf({ "config.yaml": QUICK });
    const [fifo, caFile] = [join(folder, "stdout"), join(folder, "ca.crt")];
    execFileSync("mkfifo", [fifo]);
    const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(fifo, constants.O_WRONLY);
    const args = ["serve", ...PORTS, "--self-signed", "--ca-file", caFile, "--config", join(folder, "config.yaml")];
    const child = spawn(process.execPath, [command().program, ...args], { stdio: ["ignore", writer, "inherit"] });
    closeSync(writer);
    onTestFinished(() => void child.kill("SIGKILL"));
    const exit = once(child, "exit");
    let output = "";
    const buffer = Buffer.alloc(4096);
    const readLine = (): boolean => {
      try {
        output += buffer.toString("utf8", 0, readSync(reader, buffer));
      } catch {
        // Nothing there yet.
      }
      return output.includes('"serving"') && output.endsWith("\n");
    };
    await expect.poll(readLine, { interval: 20, timeout: 50_000 }).toBe(true);
    const { port, operationsPort } = JSON.parse(output.trimEnd().split("\n").at(-1) ?? "") as {
      port: number;
      operationsPort: number;
    };
    return {
      port,
      operationsPort,
      ca: readFileSync(caFile, "utf8"),
      closeReader: () => closeSync(reader),
      end: async () => {
        child.kill("SIGTERM");
        const [code] = (await exit) as [number | null];
        return code;
      },
    };
  }

  test("holds up no admission, and not the end: lines are dropped and counted", async () => {
    const serving = await serveIntoPipe();
    onTestFinished(serving.closeReader);
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    onTestFinished(() => agent.destroy());
    const posted = { review, agent };
    let sent = 0;
    const client = async (): Promise<void> => {
      while (sent++ < 1300) expect(await postReview(serving.port, serving.ca, posted)).toMatchObject({ allowed: true });
    };
    await Promise.all(Array.from({ length: 4 }, client));
    const metrics = await getText(serving.operationsPort, "/metrics");
    expect(metrics).toContain('pod_secrets_admissions_total{outcome="changed"} 1300\n');
    expect(Number(/^pod_secrets_log_lines_dropped_total (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(100);
    expect(await serving.end()).toBe(0);
  });

  test("its reader has gone: admissions go on, and the process ends when it is asked to", async () => {
    const serving = await serveIntoPipe();
    serving.closeReader();
    for (let count = 0; count < 20; count++) {
      expect(await postReview(serving.port, serving.ca)).toMatchObject({ allowed: true });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await getText(serving.operationsPort, "/healthz")).toBe("ok\n");
    expect(await serving.end()).toBe(0);
  });
});
