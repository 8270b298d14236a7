/** One run of a cluster: its folder, and the list of what it started. */
import { chmodSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { signal } from "../processes/end.ts";
import { identityOf, type ProcessIdentity } from "../processes/identity.ts";
import { endedEarly, start, type StartedProcess } from "../processes/start.ts";
import { cleanUp } from "./clean-up.ts";
import { readState, writeState, type RunState } from "./state.ts";

export interface Run {
  readonly directory: string;
  /** The path of a file in its folder; the folders above it are made. */
  path(...segments: readonly string[]): string;
  /** Starts a program as a part of the cluster. Its output goes to `logs/<part>.log`. */
  start(part: string, program: string, args: readonly string[]): Promise<StartedProcess>;
  /** Takes down a process that one of these started. */
  track(part: string, pid: number): void;
  /** Takes down what has to be cleaned up, before it is there. */
  record(change: Partial<Omit<RunState, "version" | "owner" | "processes">>): void;
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
  let state: RunState = { version: 1, owner, processes: [], network };
  const save = (next: RunState): void => writeState(directory, (state = next));
  save(state);
  const keep = (part: string, { pid, startTime }: ProcessIdentity): void => {
    const others = state.processes.filter((other) => other.part !== part);
    save({ ...state, processes: [...others, { part, pid, startTime }] });
  };
  const release = lifetime === "process" ? endWithThisProcess(() => state) : () => undefined;
  let stopped: Promise<void> | undefined;
  const path: Run["path"] = (...segments) => {
    mkdirSync(join(directory, ...segments.slice(0, -1)), { recursive: true, mode: 0o700 });
    return join(directory, ...segments);
  };
  return {
    directory,
    path,
    start: async (part, program, args) => {
      const logFile = path("logs", `${part}.log`);
      const isDetached = lifetime === "background";
      const started = await start({ path: program, args, logFile, isDetached, cwd: directory });
      keep(part, started);
      const ending = started.ending();
      if (ending !== undefined) throw endedEarly(started, ending);
      return started;
    },
    track: (part, pid) => keep(part, identityOf(pid) ?? { pid, startTime: "ended" }),
    record: (change) => save({ ...state, ...change }),
    state: () => state,
    stop: () => (stopped ??= cleanUp(directory, readState(directory) ?? state).finally(release)),
  };
}

/** The last resort, when this process ends without having stopped the run. @returns takes it back */
function endWithThisProcess(state: () => RunState): () => void {
  const end = (): void => {
    for (const tracked of state().processes) signal(tracked, "SIGKILL");
  };
  process.on("exit", end);
  return () => void process.off("exit", end);
}
