/** The runs on this machine that are this user's. */
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isRunning } from "../processes/identity.ts";
import { RUN_PREFIX } from "./run.ts";
import { readState, type RunState } from "./state.ts";

/** `owned`: the process that started it still runs, and stops it. `orphaned`: that process is gone. */
export type RunKind = "background" | "owned" | "orphaned";

export interface ListedRun {
  readonly directory: string;
  readonly kind: RunKind;
  readonly state: RunState;
}

export function listRuns(): ListedRun[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith(RUN_PREFIX))
    .toSorted()
    .flatMap((name) => {
      const directory = join(tmpdir(), name);
      const state = readState(directory);
      return state === undefined ? [] : [{ directory, kind: kindOf(state), state }];
    });
}

function kindOf({ owner }: RunState): RunKind {
  if (owner === undefined) return "background";
  return isRunning(owner) ? "owned" : "orphaned";
}
