/** One run of a cluster: its folder, and the list of what it started. */
import { chmodSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ClusterError } from "../errors.ts";
import { end, signal } from "../processes/end.ts";
import { identityOf } from "../processes/identity.ts";
import { endedEarly, endingWithThisProcess, start, type StartedProcess } from "../processes/start.ts";
import { cleanUp } from "./clean-up.ts";
import { keepState, type RunChange, type RunState } from "./state.ts";

export interface Run {
  readonly directory: string;
  /** The path of a file in its folder; the folders above it are made. */
  path(...segments: readonly string[]): string;
  /** The path of a folder in its folder, which is made. */
  folder(...segments: readonly string[]): string;
  /** Starts a program as a part of the cluster. Its output goes to `logs/<part>.log`. */
  start(part: string, program: string, args: readonly string[]): Promise<StartedProcess>;
  /** Takes down a process that one of these started. */
  track(part: string, pid: number): void;
  /** Takes down what has to be cleaned up, before it is there. */
  record(change: RunChange): void;
  state(): RunState;
  /** Ends everything, and removes the folder. A second call waits for the first. */
  stop(): Promise<void>;
}

/** Runs stand side by side in the folder for temporary files, under this name and a random end. */
export const RUN_PREFIX = "pod-secrets-cluster-";

/** Who stops a cluster: the process that started it, or `npm run cluster -- down`. */
export type Lifetime = "process" | "background";

export function createRun(lifetime: Lifetime, network: number): Run {
  const directory = mkdtempSync(join(tmpdir(), RUN_PREFIX));
  chmodSync(directory, 0o700);
  const owner = lifetime === "process" ? identityOf(process.pid) : undefined;
  const kept = keepState(directory, { version: 1, owner, processes: [], network });
  const release = lifetime === "process" ? endWithThisProcess(() => kept.state()) : () => undefined;
  const prefix = lifetime === "process" ? endingWithThisProcess() : [];
  let stopped: Promise<void> | undefined;
  const folder: Run["folder"] = (...segments) => {
    requireRunning(stopped);
    const path = join(directory, ...segments);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };
  const pathOf: Run["path"] = (...segments) => join(folder(...segments.slice(0, -1)), segments.at(-1) ?? "");
  return {
    directory,
    path: pathOf,
    folder,
    start: async (part, program, args) => {
      const logFile = pathOf("logs", `${part}.log`);
      const isDetached = lifetime === "background";
      const [path = program, ...rest] = [...prefix, program, ...args];
      const started = await start({ path, args: rest, logFile, isDetached, cwd: directory });
      if (stopped !== undefined) await end([started]);
      requireRunning(stopped);
      kept.track(part, started);
      const ending = started.ending();
      if (ending !== undefined) throw endedEarly(started, ending);
      return started;
    },
    track: (part, pid) => kept.track(part, identityOf(pid) ?? { pid, startTime: "ended" }),
    record: (change) => {
      requireRunning(stopped);
      kept.record(change);
    },
    state: () => kept.state(),
    stop: () => (stopped ??= cleanUp(directory, kept.state()).finally(release)),
  };
}

/** What starts after the end would stay for ever. */
function requireRunning(stopped: Promise<void> | undefined): void {
  if (stopped === undefined) return;
  const fix = "Stop it when nobody uses it any more.";
  throw new ClusterError("E_CLUSTER_NOT_RUNNING", "the cluster has ended already", fix);
}

/** The last resort, when this process ends without having stopped the run. @returns takes it back */
function endWithThisProcess(state: () => RunState): () => void {
  const endAll = (): void => {
    for (const tracked of state().processes) signal(tracked, "SIGKILL");
  };
  process.on("exit", endAll);
  return () => void process.off("exit", endAll);
}
