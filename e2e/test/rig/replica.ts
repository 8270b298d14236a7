/** A replica of the webhook: the built command as a process of its own, ended as the kubelet ends it, or harder. */
import { spawn } from "node:child_process";
import { once } from "node:events";

import { readLog, untilReady } from "../../../scripts/start/webhook-process.ts";

export interface ReplicaOptions {
  readonly program: string;
  /** Flags of `serve`; ports are added. */
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Arguments of Node itself. */
  readonly node?: readonly string[];
}

export interface Replica extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  readonly operationsUrl: string;
  /** Its log so far, one JSON object per line. */
  lines(): readonly string[];
  /** Resolves to the exit code once it has ended; `undefined` after SIGKILL. */
  readonly ended: Promise<number | undefined>;
  signal(name: "SIGTERM" | "SIGKILL" | "SIGHUP" | "SIGSTOP" | "SIGCONT"): void;
  /** Waits for /readyz. */
  ready(): Promise<void>;
}

const kills = new Set<() => void>();
process.once("exit", () => {
  for (const kill of kills) kill();
});

function endWithThisProcess(kill: () => void, ended: Promise<unknown>): void {
  kills.add(kill);
  void ended.then(() => kills.delete(kill));
}

/** Starts it, and waits until it listens. */
export async function startReplica({ program, args, environment, node = [] }: ReplicaOptions): Promise<Replica> {
  const command = [...node, program, "serve", "--host", "127.0.0.1", "--port", "0", "--operations-port", "0", ...args];
  const child = spawn(process.execPath, command, {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const log = readLog(child);
  log.onLine((line) => lines.push(line));
  const ended = once(child, "close").then(([code]) => (code as number | null) ?? undefined);
  const kill = (): void => void child.kill("SIGKILL");
  endWithThisProcess(kill, ended);
  const { port = 0, operationsPort } = await log.find(({ message }) => message === "serving");
  const operationsUrl = `http://127.0.0.1:${operationsPort}`;
  return {
    pid: child.pid ?? 0,
    port,
    operationsUrl,
    lines: () => lines,
    ended,
    signal: (name) => void child.kill(name),
    ready: () => untilReady(`${operationsUrl}/readyz`),
    [Symbol.asyncDispose]: async () => {
      kill();
      await ended;
    },
  };
}
