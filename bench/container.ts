/**
 * What a container of the image is to Node: its flags and env vars, and a limit of memory. By that Node decides how far
 * its heap may grow; without one, as far as the machine has memory, which says nothing about a pod.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const deploy = join(import.meta.dirname, "..", "deploy");

/** How the image runs Node. */
export interface ImageSettings {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export function imageSettings(): ImageSettings {
  const dockerfile = readFileSync(join(deploy, "Dockerfile"), "utf8");
  const [, entry = "[]"] = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile) ?? [];
  const flags = (JSON.parse(entry) as readonly string[]).filter((part) => part.startsWith("--"));
  const env = [...dockerfile.matchAll(/^ENV (\w+)=(\S+)$/gm)].map(([, name = "", value = ""]) => [name, value]);
  return { flags, env: Object.fromEntries(env) as Readonly<Record<string, string>> };
}

/** Limit of memory that the chart sets, in MiB. */
export function chartLimit(): number {
  const values = parse(readFileSync(join(deploy, "helm", "pod-secrets", "values.yaml"), "utf8")) as Values;
  const [, mebibytes] = /^(\d+)Mi$/.exec(values.resources.limits.memory) ?? [];
  return Number(mebibytes);
}

interface Values {
  readonly resources: { readonly limits: { readonly memory: string } };
}

/** A control group of Linux that bounds the memory of the processes in it. */
export interface MemoryLimit extends Disposable {
  /** A process that writes its id there joins. */
  readonly processes: string;
}

/**
 * Of its own, for as long as it is not disposed of; undefined where none can be made, as without root or beside Linux.
 * @param mebibytes most memory of its processes together
 */
export function limitMemory(mebibytes: number): MemoryLimit | undefined {
  const root = existsSync(join(V1, "cgroup.procs")) ? V1 : V2;
  const group = join(root, `pod-secrets-bench-${process.pid}`);
  const remove = (): void => {
    if (existsSync(group)) rmdirSync(group);
  };
  try {
    mkdirSync(group);
    writeFileSync(join(group, root === V1 ? "memory.limit_in_bytes" : "memory.max"), String(mebibytes * 1_048_576));
    return { processes: join(group, "cgroup.procs"), [Symbol.dispose]: remove };
  } catch {
    remove();
    return undefined;
  }
}

/** Version 1 has a tree for memory alone. */
const V1 = "/sys/fs/cgroup/memory";
const V2 = "/sys/fs/cgroup";
