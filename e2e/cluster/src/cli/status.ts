/** `status`: what runs, for people and (by its exit code) for scripts. */
import { join } from "node:path";

import { isRunning } from "../processes/identity.ts";
import { listRuns, type ListedRun, type RunKind } from "../runs/list.ts";

const KINDS: Readonly<Record<RunKind, string>> = {
  background: "in the background",
  owned: "of a running process",
  orphaned: "its process is gone: `npm run -s cluster -- down` cleans up",
};

/** @returns 0 when a cluster is up in the background, with all of its parts */
export function status(print: (text: string) => void): number {
  const runs = listRuns();
  for (const run of runs) print(describe(run));
  if (runs.length === 0) print("No cluster.\n");
  return runs.some(({ kind, state }) => kind === "background" && state.processes.every(isRunning)) ? 0 : 1;
}

function describe({ directory, kind, state }: ListedRun): string {
  const parts = state.processes.map((tracked) => {
    const log = join(directory, "logs", `${tracked.part}.log`);
    return isRunning(tracked) ? `  ${tracked.part} runs (${tracked.pid})` : `  ${tracked.part} HAS ENDED; see ${log}`;
  });
  const server =
    state.server === undefined ? "not ready" : `${state.server}, KUBECONFIG=${join(directory, "kubeconfig")}`;
  return `${[`${directory}, ${KINDS[kind]}`, `  ${server}`, ...parts].join("\n")}\n`;
}
