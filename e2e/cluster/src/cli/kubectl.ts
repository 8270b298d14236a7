/** `kubectl ARGS`, with the terminal as it is. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { join } from "node:path";

import { findBinaries } from "../binaries/binaries.ts";
import { kubectlEnvironment } from "../control-plane/kubectl.ts";
import { requireBackground } from "./background.ts";

/** @returns kubectl's exit code */
export async function kubectl(args: readonly string[]): Promise<number> {
  const { directory } = requireBackground();
  const program = (await findBinaries()).path("kubectl");
  const env = { ...process.env, ...kubectlEnvironment(directory, join(directory, "kubeconfig")) };
  const child = spawn(program, args, { env, stdio: "inherit" });
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
