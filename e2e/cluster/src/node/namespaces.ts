/** The namespaces in which the programs of a node run: they end together, and take mounts and network with them. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ClusterError } from "../errors.ts";
import { endedEarly, type StartedProcess } from "../processes/start.ts";
import type { Run } from "../runs/run.ts";

const INIT = join(import.meta.dirname, "node-init.sh");
export const NAMESPACES = "node-namespaces";

/** @throws ClusterError `E_CLUSTER_START` */
export async function startNamespaces(run: Run, signal?: AbortSignal): Promise<StartedProcess> {
  const folder = run.folder("node");
  for (const name of ["lib", "log", "run"]) mkdirSync(join(folder, name), { recursive: true, mode: 0o755 });
  const flags = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const started = await run.start(NAMESPACES, "unshare", [...flags, "--", "sh", INIT, folder]);
  const deadline = performance.now() + PATIENCE;
  while (!existsSync(join(folder, "ready"))) {
    signal?.throwIfAborted();
    const ending = started.ending();
    if (ending !== undefined) throw endedEarly(started, ending);
    if (performance.now() > deadline) {
      throw new ClusterError("E_CLUSTER_START", "the node has no namespaces after 30 s", `See ${started.logFile}.`);
    }
    await sleep(STEP);
  }
  // It ends only after all the others in its namespace.
  run.track("node-init", Number(readFileSync(`/proc/${started.pid}/task/${started.pid}/children`, "utf8").trim()));
  return started;
}

/** Milliseconds. */
const PATIENCE = 30_000;
const STEP = 10;

/** A command that runs a program in the namespaces. @param pid of the process that made them */
export function inNode(pid: number, command: readonly string[]): { readonly program: string; readonly args: string[] } {
  const namespaces = [
    `--net=/proc/${pid}/ns/net`,
    `--mount=/proc/${pid}/ns/mnt`,
    `--pid=/proc/${pid}/ns/pid_for_children`,
  ];
  return { program: "nsenter", args: [...namespaces, "--", ...command] };
}
