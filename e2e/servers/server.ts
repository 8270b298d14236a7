/** A server that runs on 127.0.0.1 while a test needs it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { untilReady } from "../cluster/src/control-plane/ready.ts";
import { endGently, signal } from "../cluster/src/processes/end.ts";
import { endedEarly, endingWithThisProcess, start, type StartedProcess } from "../cluster/src/processes/start.ts";
import { ServerError } from "./server-error.ts";

export interface ServerProgram {
  readonly name: string;
  /** Has the packages of the server. */
  readonly python: string;
  /** They let it choose a free port of 127.0.0.1. */
  readonly args: readonly string[];
  /** All of its environment, beside PATH and a home of its own. */
  readonly env: Readonly<Record<string, string>>;
  /** Where its output says the address that it listens on: the first group is `http://127.0.0.1:PORT`. */
  readonly listening: RegExp;
  /** Answers 200 when it serves. */
  readonly readyPath: string;
}

export interface RunningServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Ends it, and removes its folder. */
  stop(): Promise<void>;
}

/**
 * Starts a server, and waits until it answers. When that fails nothing stays behind; and it ends with this process.
 * @throws ClusterError `E_CLUSTER_START` with its last words when it ends early; ServerError `E_SERVER_START` when it does
 * not say where it listens
 */
export async function startServer(program: ServerProgram): Promise<RunningServer> {
  const directory = mkdtempSync(join(tmpdir(), `pod-secrets-${program.name}-`));
  try {
    const started = await start({ ...commandOf(program, directory), isDetached: false, cwd: directory });
    const endWithThisProcess = (): void => signal(started, "SIGKILL");
    process.on("exit", endWithThisProcess);
    const stop = async (): Promise<void> => {
      await endGently(started, GRACE);
      process.off("exit", endWithThisProcess);
      rmSync(directory, { recursive: true, force: true });
    };
    try {
      const url = await addressOf(started, program.listening);
      await untilReady(started, { url: `${url}${program.readyPath}` });
      return { url, stop, [Symbol.asyncDispose]: stop };
    } catch (error) {
      await stop();
      throw error;
    }
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** The environment is the program's own: no setting of the user's (AWS_PROFILE, PYTHONPATH) gets in. */
function commandOf(
  { name, python, args, env }: ServerProgram,
  directory: string,
): { path: string; args: readonly string[]; logFile: string } {
  const all = { PATH: process.env["PATH"] ?? "", HOME: directory, PYTHONUNBUFFERED: "1", ...env };
  const variables = Object.entries(all).map(([variable, value]) => `${variable}=${value}`);
  const [path = "env", ...rest] = [...endingWithThisProcess(), "env", "-i", ...variables, python, ...args];
  return { path, args: rest, logFile: join(directory, `${name}.log`) };
}

/** It is asked for rather than chosen: a port that was free a moment ago need not be free any more. */
async function addressOf(started: StartedProcess, listening: RegExp): Promise<string> {
  const deadline = performance.now() + PATIENCE;
  while (performance.now() < deadline) {
    const [, address] = listening.exec(outputOf(started)) ?? [];
    if (address !== undefined) return address;
    const ending = started.ending();
    if (ending !== undefined) throw endedEarly(started, ending);
    await sleep(STEP);
  }
  const words = `${started.logFile} names no address that matches ${listening}, after ${PATIENCE / 1000} s`;
  throw new ServerError("E_SERVER_START", words, "See whether the machine is overloaded.");
}

function outputOf({ logFile }: StartedProcess): string {
  return readFileSync(logFile, "utf8");
}

/** Milliseconds. A busy machine takes long; a process that hangs still ends the wait. */
const PATIENCE = 120_000;
const GRACE = 5000;
const STEP = 50;
