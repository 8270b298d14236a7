/** Images that pods of tests need, made of programs of this machine. */
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { ClusterError } from "../errors.ts";
import { lastLines, run } from "../processes/run.ts";
import type { ImageFile, LocalImage } from "./archive.ts";

/** Names to write into pods, with `imagePullPolicy: IfNotPresent`. */
export const IMAGES = {
  /** Keeps the namespaces of a pod open; containerd starts it. */
  pause: "docker.io/local/pause:1",
  /** A shell and small programs. */
  busybox: "docker.io/local/busybox:1",
  /** Node.js, as it runs here. */
  node: "docker.io/local/node:1",
} as const;

const BUSYBOX = "/usr/bin/busybox";

export async function busyboxImage(): Promise<LocalImage> {
  const { code, stdout } = await run(BUSYBOX, ["--list"]);
  if (code !== 0) throw new ClusterError("E_CLUSTER_IMAGE", `${BUSYBOX} does not run`, "Install busybox-static.");
  const programs = stdout.trim().split("\n");
  const links = programs.map((program): [string, ImageFile] => [`/usr/bin/${program}`, { link: "busybox" }]);
  return {
    name: IMAGES.busybox,
    files: {
      ...Object.fromEntries(links),
      "/usr/bin/busybox": { from: BUSYBOX },
      "/bin": { link: "usr/bin" },
      "/etc/passwd": { text: "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n" },
      "/tmp/.keep": { text: "" },
    },
    command: ["sh"],
  };
}

/** @param program a Node.js; this one by default */
export async function nodeImage(program = process.execPath): Promise<LocalImage> {
  return {
    name: IMAGES.node,
    files: { "/usr/local/bin/node": { from: program }, ...(await librariesOf(program)) },
    entrypoint: ["/usr/local/bin/node"],
  };
}

/** The shared libraries that a program loads, at the paths where it looks for them; of a static one, none. */
export async function librariesOf(program: string): Promise<Readonly<Record<string, ImageFile>>> {
  const { code, stdout, stderr } = await run("ldd", [program]);
  if (code !== 0) {
    if (/not a dynamic executable|statically linked/.test(stdout + stderr)) return {};
    const words = lastLines(stderr, 2);
    throw new ClusterError("E_CLUSTER_IMAGE", `ldd ${program} ended with ${code}: ${words}`, "See its words.");
  }
  const paths = [...stdout.matchAll(/(?:=>\s*|^\s*)(\/\S+) \(0x/gm)].map(([, path]) => path ?? "");
  return Object.fromEntries(paths.map((path) => [path, { from: path }]));
}

/** Waits for ever, and collects the ended processes that nobody else does. */
const PAUSE = `#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
static void end(int signal) { (void)signal; _exit(0); }
static void collect(int signal) { (void)signal; while (waitpid(-1, 0, WNOHANG) > 0) {} }
int main(void) {
  signal(SIGINT, end);
  signal(SIGTERM, end);
  signal(SIGCHLD, collect);
  for (;;) pause();
}
`;

/** @param folder for what is compiled. Without a C compiler a shell waits. */
export async function pauseImage(folder: string): Promise<LocalImage> {
  const source = join(folder, "pause.c");
  const program = join(folder, "pause");
  await writeFile(source, PAUSE);
  const compiled = await run("cc", ["-Os", "-static", "-o", program, source]).catch(() => ({ code: 127 }));
  if (compiled.code === 0) {
    return { name: IMAGES.pause, files: { "/pause": { from: program } }, entrypoint: ["/pause"] };
  }
  const shell = `/bin/${basename(BUSYBOX)}`;
  const script = "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait; done";
  return { name: IMAGES.pause, files: { [shell]: { from: BUSYBOX } }, entrypoint: [shell, "sh", "-c", script] };
}
