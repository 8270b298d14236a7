/**
 * What a run of a cluster holds, in a file: whoever finds it can clean up, also when the process that started
 * the cluster is gone.
 */
import { existsSync, lstatSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { ProcessIdentity } from "../processes/identity.ts";

export interface RunState {
  readonly version: 1;
  /** The process that stops the cluster; none for a cluster in the background. */
  readonly owner: ProcessIdentity | undefined;
  /** In the order of their start. */
  readonly processes: readonly TrackedProcess[];
  /** Which /24 network belongs to its node: see `network.ts`. */
  readonly network: number;
  /** The control group of its pods, without a leading slash. */
  readonly cgroup?: string;
  /** This machine's end of its link to the node. */
  readonly device?: string;
  /** How its node unpacks images. */
  readonly snapshotter?: "overlayfs" | "native";
  /** Where its API server is; there once it is ready. */
  readonly server?: string;
}

export interface TrackedProcess extends ProcessIdentity {
  /** `etcd`, `kube-apiserver`, ... */
  readonly part: string;
}

const FILE = "state.json";

/** What a run takes down as it goes on. */
export type RunChange = Partial<Omit<RunState, "version" | "owner" | "processes">>;

export interface KeptState {
  state(): RunState;
  /** In the place of an earlier process of that part. */
  track(part: string, process: ProcessIdentity): void;
  record(change: RunChange): void;
}

/** Keeps the state of a run, here and in its folder. */
export function keepState(directory: string, first: RunState): KeptState {
  let state = first;
  const save = (next: RunState): void => {
    state = next;
    writeState(directory, next);
  };
  save(first);
  return {
    state: () => state,
    track: (part, { pid, startTime }) => {
      const others = state.processes.filter((other) => other.part !== part);
      save({ ...state, processes: [...others, { part, pid, startTime }] });
    },
    record: (change) => save({ ...state, ...change }),
  };
}

/** In one step: a reader sees the old state or the new one. */
function writeState(directory: string, state: RunState): void {
  const partial = join(directory, `${FILE}.partial`);
  writeFileSync(partial, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(partial, join(directory, FILE));
}

/** @returns `undefined` when the folder holds no state, or belongs to somebody else: its processes are not ours to end */
export function readState(directory: string): RunState | undefined {
  const file = join(directory, FILE);
  if (!isOurs(directory) || !existsSync(file) || !isOurs(file)) return undefined;
  try {
    const state = JSON.parse(readFileSync(file, "utf8")) as RunState;
    return state.version === 1 ? state : undefined;
  } catch {
    // Gone since, or of no version of this program.
    return undefined;
  }
}

function isOurs(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isSymbolicLink() && stat.uid === process.getuid?.() && (stat.mode & 0o022) === 0;
}
