/** Runs a command line in this process, and keeps what it writes. */
import { PassThrough } from "node:stream";

import { runCommandLine } from "../../src/cli/run.ts";

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runCommand(...args: readonly string[]): Promise<CommandResult> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const texts = { stdout: "", stderr: "" };
  stdout.on("data", (chunk: Buffer) => (texts.stdout += chunk.toString()));
  stderr.on("data", (chunk: Buffer) => (texts.stderr += chunk.toString()));
  const code = await runCommandLine(args, { stdin, stdout, stderr });
  return { code, ...texts };
}
