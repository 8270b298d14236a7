/** `kubectl ARGS`, with the terminal as it is. */
import { join } from "node:path";

import { findBinaries } from "../binaries/binaries.ts";
import { kubectlEnvironment } from "../control-plane/kubectl.ts";
import { requireBackground } from "./background.ts";
import { inTerminal } from "./in-terminal.ts";

/** @returns kubectl's exit code */
export async function kubectl(args: readonly string[]): Promise<number> {
  const { directory } = requireBackground();
  const program = (await findBinaries()).path("kubectl");
  const env = { ...process.env, ...kubectlEnvironment(directory, join(directory, "kubeconfig")) };
  return inTerminal(program, args, env);
}
