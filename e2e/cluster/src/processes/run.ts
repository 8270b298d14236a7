/** Runs a program to its end. */
import { spawn } from "node:child_process";

export interface Finished {
  /** The exit code; 128 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Standard input; nothing by default. */
  readonly input?: string | undefined;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** Called with each piece of standard error as it comes. */
  readonly onError?: (text: string) => void;
}

/** Rejects when the program cannot be started, or when `signal` ended it. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { input, cwd, env, signal, onError } = options;
  return new Promise((done, failed) => {
    // As Ctrl-C: Go removes what it has half built.
    const child = spawn(program, args, { cwd, env, signal, killSignal: "SIGINT", stdio: ["pipe", "pipe", "pipe"] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => {
      stderr.push(chunk);
      onError?.(chunk.toString());
    });
    child.once("error", failed);
    child.once("close", (code) =>
      done({ code: code ?? 128, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
    // A program may end without having read its input.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input ?? "");
  });
}

/** The last lines of a text, in one line. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join(" | ");
}
