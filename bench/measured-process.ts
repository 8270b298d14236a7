/** A process whose CPU time and memory the operating system counts. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface MeasuredProcess {
  readonly port: number;
  /** From its start to the line that says that it serves, in milliseconds. */
  readonly ready: number;
  /** CPU time of all its threads so far, in microseconds. */
  cpu(): number;
  /** Resident memory, in MB. */
  rss(): number;
  stop(): Promise<void>;
}

export interface MeasuredSurroundings {
  /** File of the control group that the process joins before it starts. */
  readonly group?: string;
  /** More env vars. */
  readonly env?: Readonly<Record<string, string>>;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Cores that can be told apart; servers get the first, the load another. */
const canPin = process.platform === "linux" && spawnSync("taskset", ["-V"]).status === 0;
const SERVER_CORE = "0";
export const LOAD_CORE = "1-63";

/** The arguments of a command that runs on some cores only, where the system can do that. */
export function pinned(core: string, command: readonly string[]): readonly string[] {
  return canPin ? ["taskset", "-c", core, ...command] : command;
}

/**
 * Starts a server, and waits until it writes a JSON line with `message: "serving"` and its port.
 */
export async function startMeasured(
  args: readonly string[],
  { group, env = {} }: MeasuredSurroundings = {},
): Promise<MeasuredProcess> {
  const started = performance.now();
  const command = pinned(SERVER_CORE, [process.execPath, ...args]);
  const [program = "", ...rest] = group === undefined ? command : ["sh", "-c", JOIN, group, ...command];
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...env } });
  running.add(child);
  const port = await portOf(child);
  const ready = performance.now() - started;
  // Its log is read and thrown away, as by a collector that keeps up.
  child.stdout.resume();
  const pid = child.pid ?? 0;
  return {
    port,
    ready,
    cpu: () => cpuOf(pid),
    rss: () => rssOf(pid),
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => {
          running.delete(child);
          resolve();
        });
        child.kill("SIGINT");
      }),
  };
}

/** `exec` keeps the process, and so its id. */
const JOIN = 'echo $$ > "$0" && exec "$@"';

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const line = output.split("\n").find((text) => text.includes('"serving"'));
      if (line !== undefined && output.includes("\n")) resolve((JSON.parse(line) as { port: number }).port);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the server ended with code ${code}`)));
  });
}

function cpuOf(pid: number): number {
  if (process.platform !== "linux") return cpuByPs(pid);
  const tasks = `/proc/${pid}/task`;
  let nanoseconds = 0;
  // The first number of a thread's schedstat is its time on a CPU, where `stat` counts in steps of 10 ms.
  for (const task of readdirSync(tasks)) {
    nanoseconds += Number(readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[0]);
  }
  return nanoseconds / 1000;
}

function rssOf(pid: number): number {
  if (process.platform !== "linux") return Number(ps(pid, "rss")) / 1000;
  const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  return (pages * 4096) / 1e6;
}

/** `[[dd-]hh:]mm:ss.cc` */
function cpuByPs(pid: number): number {
  const seconds = ps(pid, "time")
    .split(/[-:]/)
    .reduce((total, part) => total * 60 + Number(part), 0);
  return seconds * 1e6;
}

function ps(pid: number, field: string): string {
  return execFileSync("ps", ["-o", `${field}=`, "-p", String(pid)], { encoding: "utf8" }).trim();
}
