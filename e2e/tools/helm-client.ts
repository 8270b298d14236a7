/** Helm on a cluster of a test, without the files that a user's own Helm keeps at home. */
import { lastLines, run } from "../cluster/src/processes/run.ts";
import type { ControlPlane } from "../cluster/src/index.ts";
import { helmBinary } from "./helm.ts";
import { ToolError } from "./tool-error.ts";

/** Runs `helm ARGS`. @returns what it says on standard output. @throws ToolError `E_TOOL_HELM` */
export type Helm = (args: readonly string[]) => Promise<string>;

export async function helmFor({ kubeconfig, directory }: ControlPlane): Promise<Helm> {
  const binary = await helmBinary();
  const home = `${directory}/helm`;
  const env = {
    ...process.env,
    KUBECONFIG: kubeconfig,
    HELM_CACHE_HOME: `${home}/cache`,
    HELM_CONFIG_HOME: `${home}/config`,
    HELM_DATA_HOME: `${home}/data`,
  };
  return async (args) => {
    const { code, stdout, stderr } = await run(binary, args, { env });
    if (code === 0) return stdout;
    const words = lastLines(stderr || stdout, 5);
    throw new ToolError("E_TOOL_HELM", `helm ${args.join(" ")} ended with ${code}: ${words}`, "See its words.");
  };
}
