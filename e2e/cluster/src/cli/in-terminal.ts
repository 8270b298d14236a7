/** Another program, with the terminal as it is. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";

/** @returns its exit code; that of a shell after a signal */
export async function inTerminal(program: string, args: readonly string[], env = process.env): Promise<number> {
  const child = spawn(program, args, { env, stdio: "inherit" });
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
