/**
 * Who a process is. A process id alone is used again after its process has ended: together with the time of its start
 * it names one process only.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** As the operating system writes it; only compared. */
  readonly startTime: string;
}

/** @returns `undefined` when there is no such process, or one that has ended and only waits for its parent */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startTime = process.platform === "linux" ? startTimeFromProc(pid) : startTimeFromPs(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  return identityOf(pid)?.startTime === startTime;
}

/** proc_pid_stat(5): the name in parentheses may hold anything, so what follows its end is counted. */
function startTimeFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state] = fields;
    return state === "Z" || state === "X" ? undefined : fields[STARTTIME - STATE];
  } catch {
    return undefined;
  }
}

/** Numbers of the fields, from 1. */
const STATE = 3;
const STARTTIME = 22;

function startTimeFromPs(pid: number): string | undefined {
  const { stdout } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
  return stdout?.trim() || undefined;
}
