import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { isRunning } from "../src/processes/identity.ts";
import { run, type Finished } from "../src/processes/run.ts";
import { readState, type TrackedProcess } from "../src/runs/state.ts";

const MAIN = join(import.meta.dirname, "../src/main.ts");
const OWNER = join(import.meta.dirname, "fixtures/owner.ts");

let folder: string;
let env: NodeJS.ProcessEnv;

// Runs are found in the folder for temporary files: in one of its own, the command sees those of this test alone.
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cluster-command-"));
  env = { ...process.env, TMPDIR: folder };
});

afterEach(async () => {
  await command("down");
  rmSync(folder, { recursive: true, force: true });
});

function command(...args: readonly string[]): Promise<Finished> {
  return run(process.execPath, [MAIN, ...args], { env });
}

function clusters(): string[] {
  return readdirSync(folder).filter((name) => name.startsWith("pod-secrets-cluster-"));
}

function processesOf(directory: string): readonly TrackedProcess[] {
  return readState(directory)?.processes ?? [];
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(20);
}

describe("the command", () => {
  test("has a cluster in the background, from up to down", async () => {
    const up = await command("up", "--no-node");
    expect(up).toMatchObject({ code: 0, stderr: expect.stringMatching(/Ready after [\d.]+ s/) });
    expect(up.stdout).toMatch(/export KUBECONFIG=\S+\/kubeconfig\n/);
    const [directory = ""] = clusters().map((name) => join(folder, name));
    const processes = processesOf(directory);
    expect(processes.length).toBeGreaterThan(0);
    expect(await command("status")).toMatchObject({ code: 0, stdout: expect.stringContaining("kube-apiserver runs") });
    expect(await command("kubectl", "get", "--raw", "/readyz")).toMatchObject({ code: 0, stdout: "ok" });
    expect(await command("kubectl", "get", "pod", "nobody")).toMatchObject({ code: 1 });
    expect(await command("up")).toMatchObject({ code: 1, stderr: expect.stringContaining("E_CLUSTER_RUNNING") });
    for (const args of [["load-image", MAIN], ["image"], ["fetch-image"]]) {
      expect(await command(...args)).toMatchObject({ code: 1, stderr: expect.stringContaining("has no node") });
    }

    expect(await command("down")).toMatchObject({ code: 0, stdout: "" });
    expect(processes.filter(isRunning)).toEqual([]);
    expect(clusters()).toEqual([]);
    expect(await command("status")).toMatchObject({ code: 1, stdout: "No cluster.\n" });
    expect(await command("kubectl", "version")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("E_CLUSTER_NOT_RUNNING"),
    });
  });

  test("that is told to stop while it starts a cluster cleans up", async () => {
    const child = spawn(process.execPath, [MAIN, "up", "--no-node"], { env, stdio: "ignore" });
    await until(() => clusters().some((name) => processesOf(join(folder, name)).length > 1));
    const processes = clusters().flatMap((name) => processesOf(join(folder, name)));
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([143, null]);
    expect(processes.filter(isRunning)).toEqual([]);
    expect(clusters()).toEqual([]);
  });

  test.each([
    [[], "no command is given"],
    [["upp"], 'there is no command "upp"'],
    [["up", "--nodes"], 'up has no flag "--nodes"'],
    [["down", "all"], 'down takes no argument, and got "all"'],
    [["load-image"], "load-image takes one file"],
    [["image", "a/b:1", "a/c:1"], "image takes one name"],
    [["image", "--load"], 'image takes a name such as registry.example.com/pod-secrets:0.0.0, and got "--load"'],
    [
      ["fetch-image", "a"],
      'fetch-image takes a name such as registry.example.com/pod-secrets-fetch:0.0.0, and got "a"',
    ],
  ])("refuses %j", async (args, why) => {
    const refused = await command(...args);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toBe(
      `npm run cluster: E_CLUSTER_USAGE: ${why}. Fix: Run \`npm run -s cluster -- --help\` to see the commands.\n`,
    );
  });

  test("explains itself", async () => {
    expect(await command("--help")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: /), stderr: "" });
  });
});

describe("a cluster whose process does not stop it", () => {
  let owner: ChildProcess;
  let directory: string;
  let processes: readonly TrackedProcess[];

  beforeEach(async () => {
    const child = spawn(process.execPath, [OWNER], { env, stdio: ["pipe", "pipe", "inherit"] });
    owner = child;
    [directory] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    processes = processesOf(directory);
  });

  afterEach(() => void owner.kill("SIGKILL"));

  test("is left alone by down, and cleaned up after its process was killed", async () => {
    expect(await command("down")).toMatchObject({ code: 0, stderr: "Nothing to end.\n" });
    expect(processes.filter(isRunning)).toEqual(processes);

    owner.kill("SIGKILL");
    await once(owner, "exit");
    expect(await command("status")).toMatchObject({ code: 1, stdout: expect.stringContaining("its process is gone") });
    if (process.platform === "linux") await until(() => !processes.some(isRunning));
    expect(await command("down")).toMatchObject({ code: 0, stderr: expect.stringContaining("Cleaned up") });

    expect(processes.filter(isRunning)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
    expect(readFileSync("/proc/mounts", "utf8")).not.toContain(directory);
  });

  test("ends with it, when that process ends by itself", async () => {
    expect(processes.every(isRunning)).toBe(true);
    owner.stdin?.write("\n");
    await once(owner, "exit");
    await until(() => !processes.some(isRunning));
    expect(await command("down")).toMatchObject({ code: 0 });
    expect(existsSync(directory)).toBe(false);
  });
});
