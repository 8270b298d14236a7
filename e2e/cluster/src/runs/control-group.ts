/** Control groups of Linux, in both versions: under version 1 there is one tree per controller. */
import { existsSync, globSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { ClusterError } from "../errors.ts";

const ROOT = "/sys/fs/cgroup";

export async function makeControlGroup(name: string): Promise<void> {
  const roots = hierarchies();
  for (const root of roots) {
    await mkdir(join(root, name), { recursive: true });
    if (existsSync(join(root, "cpuset.cpus")) && existsSync(join(root, "tasks"))) inheritCpus(root, name);
  }
  const [only] = roots;
  if (roots.length === 1 && only !== undefined && existsSync(join(only, "cgroup.controllers"))) delegate(only, name);
}

/** Ends what is left in the group, and removes it. */
export async function removeControlGroup(name: string): Promise<void> {
  for (const root of hierarchies()) {
    const top = join(root, name);
    const deadline = performance.now() + PATIENCE;
    while (existsSync(top) && performance.now() < deadline) {
      for (const folder of groupsIn(top)) removeGroup(folder);
      if (existsSync(top)) await sleep(STEP);
    }
    if (existsSync(top)) {
      throw new ClusterError(
        "E_CLUSTER_CLEAN_UP",
        `control group ${top} cannot be removed`,
        "See its cgroup.procs for what still runs in it.",
      );
    }
  }
}

/** Milliseconds. */
const PATIENCE = 10_000;
const STEP = 20;

function hierarchies(): string[] {
  if (existsSync(join(ROOT, "cgroup.controllers"))) return [ROOT];
  return globSync(`${ROOT}/*/cgroup.procs`).map((file) => file.slice(0, -"/cgroup.procs".length));
}

/** The deepest first. */
function groupsIn(top: string): string[] {
  return globSync(`${top}/**/cgroup.procs`)
    .map((file) => file.slice(0, -"/cgroup.procs".length))
    .toSorted((left, right) => right.length - left.length);
}

function removeGroup(folder: string): void {
  try {
    // 0 stands for a process that cannot be seen from here.
    const pids = readFileSync(join(folder, "cgroup.procs"), "utf8").split("\n").map(Number);
    for (const pid of pids.filter((each) => each > 1)) process.kill(pid, "SIGKILL");
    rmdirSync(folder);
  } catch {
    // Its processes are still ending, or a parent of it went first: the next round sees.
  }
}

/** Version 1: a new cpuset is empty, and takes no process until it has CPUs and memory nodes. */
function inheritCpus(root: string, name: string): void {
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    writeFileSync(join(root, name, file), readFileSync(join(root, file)));
  }
}

/** Version 2: a group has the controllers that its parent hands down. */
function delegate(root: string, name: string): void {
  const controllers = readFileSync(join(root, "cgroup.controllers"), "utf8").trim().split(" ");
  for (const folder of [root, join(root, name)]) {
    for (const controller of controllers) handDown(join(folder, "cgroup.subtree_control"), controller);
  }
}

/** Some controllers cannot be handed down on some machines. The kubelet names the one that it misses. */
function handDown(file: string, controller: string): void {
  try {
    writeFileSync(file, `+${controller}`);
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
  }
}
