/** Starts a program that runs on, with its output in a file. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { basename } from "node:path";

import { ClusterError } from "../errors.ts";
import { identityOf, type ProcessIdentity } from "./identity.ts";
import { lastLines } from "./run.ts";

export interface Program {
  readonly path: string;
  readonly args: readonly string[];
  /** Where its output is appended. */
  readonly logFile: string;
  /** Whether it outlives this process. */
  readonly isDetached: boolean;
  readonly cwd?: string;
}

export interface StartedProcess extends ProcessIdentity {
  readonly logFile: string;
  /** Whether it has ended, and how. */
  ending(): string | undefined;
}

/** @throws ClusterError `E_CLUSTER_START` when it cannot be started */
export async function start({ path, args, logFile, isDetached, cwd }: Program): Promise<StartedProcess> {
  const log = openSync(logFile, "a", 0o600);
  try {
    const child = spawn(path, args, { cwd, detached: isDetached, env: withoutProxy(), stdio: ["ignore", log, log] });
    let ending: string | undefined;
    child.once("exit", (code, signal) => (ending = signal === null ? `exit code ${code}` : signal));
    // The event loop need not wait for it: whoever started it stops it.
    child.unref();
    await once(child, "spawn");
    const { pid = 0 } = child;
    // One that has ended already still has its place in the list of what to clean up.
    return { ...(identityOf(pid) ?? { pid, startTime: "ended" }), logFile, ending: () => ending };
  } catch (error) {
    throw new ClusterError("E_CLUSTER_START", `${path} cannot be started`, "See its permissions.", { cause: error });
  } finally {
    closeSync(log);
  }
}

/**
 * What to put before a command so that the kernel ends it with this process, however that ends: nothing else sees a
 * SIGKILL. Empty where there is no such thing; `npm run cluster -- down` is left then.
 */
export function endingWithThisProcess(): readonly string[] {
  const command = ["setpriv", "--pdeathsig", "KILL", "--"];
  const [program = "", ...args] = command;
  return process.platform === "linux" && spawnSync(program, [...args, "true"]).status === 0 ? command : [];
}

/** The API server would call webhooks on pods through a proxy of the environment. */
function withoutProxy(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(https?|all|no)_proxy$/i.test(name)));
}

/** The error for a program that ended when it should not. */
export function endedEarly({ logFile }: StartedProcess, ending: string): ClusterError {
  const name = basename(logFile, ".log");
  const words = lastLines(readFileSync(logFile, "utf8"), SHOWN_LINES);
  return new ClusterError("E_CLUSTER_START", `${name} ended with ${ending}: ${words}`, "See the cause in its words.");
}

const SHOWN_LINES = 5;

/**
 * Work that only makes sense while a process runs.
 * @throws ClusterError `E_CLUSTER_START` when the process ends before
 */
export async function whileRunning<Result>(
  started: StartedProcess,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const timer = setInterval(() => {
    const ending = started.ending();
    if (ending !== undefined) controller.abort(endedEarly(started, ending));
  }, STEP);
  try {
    return await work(AbortSignal.any([controller.signal, ...(signal === undefined ? [] : [signal])]));
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearInterval(timer);
  }
}

/** Milliseconds. */
const STEP = 100;
