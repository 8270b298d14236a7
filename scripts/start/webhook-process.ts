/** The webhook as a process of its own: start it, read its log, end it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { constants } from "node:os";
import { createInterface } from "node:readline";

export interface WebhookOptions {
  /** The built command. */
  readonly program: string;
  readonly config: string;
  /** Where it writes the certificate of its CA. */
  readonly caFile: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface Webhook {
  /** Where reviews go. */
  readonly url: string;
  /** Where /healthz, /readyz and /metrics are. */
  readonly operationsUrl: string;
  readonly managers: readonly string[];
  /** From the start of the process until /readyz said yes. */
  readonly milliseconds: number;
  /** The line of its log for one admission. */
  admission(uid: string): Promise<LogLine>;
  /** Hands on its log until Ctrl-C or its own end. @returns the exit code */
  serveUntilStopped(log: (line: string) => void): Promise<number>;
  stop(): Promise<void>;
}

/** A line of the log, as far as it is read here. */
export interface LogLine {
  readonly message?: string;
  readonly port?: number;
  readonly operationsPort?: number;
  readonly managers?: readonly string[];
  readonly uid?: string;
  readonly outcome?: string;
  /** What the answer took, in the webhook. */
  readonly milliseconds?: number;
  /** `user-info/password: k8s`, one per secret. */
  readonly secrets?: readonly string[];
}

const HOST = "127.0.0.1";
const PATH = "/mutate--v1-pod";
/** Its own ports, where they are free. */
const PORTS = { admissions: 9443, operations: 8081 };
const PATIENCE = 15_000;

/** Starts it, and waits until it is ready. */
export async function startWebhook({ program, config, caFile, environment }: WebhookOptions): Promise<Webhook> {
  const start = performance.now();
  const args = ["serve", "--config", config, "--self-signed", "--ca-file", caFile, "--host", HOST];
  const ports = ["--port", await portOr0(PORTS.admissions), "--operations-port", await portOr0(PORTS.operations)];
  const child = spawn(process.execPath, [program, ...args, ...ports], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const log = readLog(child);
  const release = endTogether(child);
  try {
    const { port, operationsPort, managers = [] } = await log.find(({ message }) => message === "serving");
    const operationsUrl = `http://${HOST}:${operationsPort}`;
    await untilReady(`${operationsUrl}/readyz`);
    return {
      url: `https://${HOST}:${port}${PATH}`,
      operationsUrl,
      managers,
      milliseconds: performance.now() - start,
      admission: (uid) => log.find((line) => line.uid === uid),
      serveUntilStopped: async (handOn) => {
        log.onLine(handOn);
        release();
        return await untilStopped(child);
      },
      stop: () => {
        release();
        return stop(child);
      },
    };
  } catch (error) {
    release();
    await stop(child);
    throw error;
  }
}

/** The port when it is free, else 0: any. */
async function portOr0(port: number): Promise<string> {
  const probe = createServer();
  try {
    probe.listen(port, HOST);
    await once(probe, "listening");
    return String(port);
  } catch {
    return "0";
  } finally {
    probe.close();
  }
}

export interface LogReader {
  /** The first line, also of those that have passed, for which `matches` holds. */
  find(matches: (line: LogLine) => boolean): Promise<LogLine>;
  onLine(take: (line: string) => void): void;
}

/** Reads the log on its standard output. */
export function readLog(child: ChildProcess): LogReader {
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  let take = (_line: string): void => {};
  let ended = false;
  const wake = (): void => {
    for (const look of waiting) look();
  };
  child.once("close", () => {
    ended = true;
    wake();
  });
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(parseLine(line));
      take(line);
      wake();
    });
  }
  const find: LogReader["find"] = (matches) =>
    new Promise((found, failed) => {
      const settle = (result: () => void): void => {
        waiting.delete(look);
        clearTimeout(timer);
        result();
      };
      const look = (): void => {
        const line = lines.find(matches);
        if (line !== undefined) settle(() => found(line));
        else if (ended) settle(() => failed(new Error("the webhook ended; its own words stand above")));
      };
      const timer = setTimeout(() => settle(() => failed(new Error("the webhook says nothing"))), PATIENCE);
      waiting.add(look);
      look();
    });
  return { find, onLine: (next) => (take = next) };
}

function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return {};
  }
}

/** Waits until `/readyz` says yes. */
export async function untilReady(url: string): Promise<void> {
  const end = Date.now() + PATIENCE;
  for (let status = 0; status !== 200;) {
    if (Date.now() > end) throw new Error(`${url} does not say yes`);
    const response = await fetch(url).catch(() => undefined);
    status = response?.status ?? 0;
    if (status !== 200) await new Promise((wake) => setTimeout(wake, 20));
  }
}

/** Ctrl-C before the webhook is wanted for itself ends both at once. @returns takes that back */
function endTogether(child: ChildProcess): () => void {
  const end = (signal: NodeJS.Signals): void => {
    child.kill("SIGKILL");
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of STOP_SIGNALS) process.once(signal, end);
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, end);
  };
}

const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** @returns 0 when it was stopped from here, else the exit code of the webhook */
function untilStopped(child: ChildProcess): Promise<number> {
  return new Promise((stopped) => {
    for (const signal of STOP_SIGNALS) process.once(signal, () => stopped(0));
    child.once("exit", (code) => stopped(code ?? 1));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  // The first signal drains: it would wait for the API server to look elsewhere. The second one means now.
  child.kill("SIGTERM");
  const again = setInterval(() => child.kill("SIGTERM"), 100);
  await closed;
  clearInterval(again);
}
