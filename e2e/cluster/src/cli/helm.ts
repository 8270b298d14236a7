/** `helm ARGS`, with the terminal as it is, for a machine that has no Helm. */
import { join } from "node:path";

import { run } from "../processes/run.ts";
import { sayOnStandardError as say } from "../progress.ts";
import { requireBackground } from "./background.ts";
import { inTerminal } from "./in-terminal.ts";

/** A program, since a package knows nothing of its neighbours. */
const HELM_PATH = join(import.meta.dirname, "../../../tools/helm-path.ts");

/** @returns Helm's exit code */
export async function helm(args: readonly string[]): Promise<number> {
  const { directory } = requireBackground();
  const found = await run(process.execPath, [HELM_PATH], { onError: (text) => say(text.trimEnd()) });
  if (found.code !== 0) return found.code;
  // Neither reads nor writes the files that a user's own Helm keeps at home.
  const home = join(directory, "helm");
  const env = {
    ...process.env,
    KUBECONFIG: join(directory, "kubeconfig"),
    HELM_CACHE_HOME: join(home, "cache"),
    HELM_CONFIG_HOME: join(home, "config"),
    HELM_DATA_HOME: join(home, "data"),
  };
  return inTerminal(found.stdout.trim(), args, env);
}
