/** Processes of a pod, as root of this machine sees them: a node has no virtual machine around it. */
import { globSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";

export interface PodProcess {
  readonly pid: number;
  /** Program and arguments, with blanks between. */
  readonly command: string;
  /** Its environment when it was started. */
  readonly env: string;
}

/** @param uid of the pod */
function processesOf(uid: string): readonly PodProcess[] {
  return globSync("/proc/[0-9]*/cgroup").flatMap((file) => {
    const folder = dirname(file);
    try {
      if (!readFileSync(file, "utf8").includes(`pod${uid}`)) return [];
      const words = (name: string): string => readFileSync(`${folder}/${name}`, "utf8").replaceAll("\0", " ").trim();
      return [{ pid: Number(basename(folder)), command: words("cmdline"), env: words("environ") }];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

/** The one whose command holds a text. @throws Error when there is none, or another one */
export function processOf(uid: string, text: string): PodProcess {
  const all = processesOf(uid);
  const found = all.filter(({ command }) => command.includes(text));
  const [process] = found;
  if (process !== undefined && found.length === 1) return process;
  throw new Error(`${found.length} processes with ${text}, of: ${all.map(({ command }) => command).join("; ")}`);
}
