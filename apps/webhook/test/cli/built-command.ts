/** The command as it is shipped: bundled from these sources, and run as a process. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { build, type OutputChunk } from "rolldown";
import { afterAll, beforeAll } from "vitest";

import config from "../../rolldown.config.ts";
import type { Finished } from "./running.ts";

export interface BuiltCommand {
  readonly program: string;
  /** npm packages and workspace folders whose code is in a chunk, by the file name of the chunk. */
  readonly contents: ReadonlyMap<string, readonly string[]>;
}

/** Bundles the command for the tests of a file. */
export function builtCommand(): () => BuiltCommand {
  let built: BuiltCommand | undefined;
  let folder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pod-secrets-bundle-"));
    built = await bundle(folder);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return () => {
    if (built === undefined) throw new Error("it is not built yet");
    return built;
  };
}

async function bundle(dir: string): Promise<BuiltCommand> {
  const webhook = join(import.meta.dirname, "..", "..");
  const options = config.output;
  if (options === undefined || Array.isArray(options)) throw new Error("the bundle has one output");
  const { output } = await build({ ...config, cwd: webhook, output: { ...options, dir }, logLevel: "silent" });
  const chunks = output.filter((file): file is OutputChunk => file.type === "chunk");
  return {
    program: join(dir, "main.mjs"),
    contents: new Map(chunks.map(({ fileName, moduleIds }) => [fileName, moduleIds])),
  };
}

export interface ProcessOptions {
  readonly stdin?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Arguments of Node itself. */
  readonly node?: readonly string[];
}

/** Starts the command; its standard streams are pipes. */
export function start(
  program: string,
  args: readonly string[],
  options: ProcessOptions = {},
): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [...(options.node ?? []), program, ...args], {
    // Undefined: not set, whatever the tests run in.
    env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...options.environment },
  });
  // It may end before it has read all.
  child.stdin.on("error", () => {});
  child.stdin.end(options.stdin ?? "");
  return child;
}

/** Runs the command to its end. */
export async function runBuilt(
  program: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<Finished> {
  const child = start(program, args, options);
  const [[exit], stdout, stderr] = await Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
  return { exit: exit as number, stdout, stderr };
}
