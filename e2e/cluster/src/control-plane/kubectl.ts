/** kubectl, with the kubeconfig of a cluster. */
import { createHash } from "node:crypto";

import { writePrivately } from "../certificates/files.ts";
import { ClusterError } from "../errors.ts";
import { lastLines, run as runProgram } from "../processes/run.ts";
import type { Run } from "../runs/run.ts";

export interface KubectlOptions {
  /** Standard input, for `-f -`. */
  readonly input?: string;
  /** The text of a kubeconfig to call as somebody else; the admin's by default. */
  readonly kubeconfig?: string;
  readonly signal?: AbortSignal;
}

export interface KubectlResult {
  readonly stdout: string;
  /** Warnings of the API server and of webhooks stand here. */
  readonly stderr: string;
}

/** kubectl ended with an error. */
export class KubectlError extends ClusterError {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;

  constructor(args: readonly string[], code: number, { stdout, stderr }: KubectlResult) {
    const words = lastLines(stderr || stdout, 5);
    // Further arguments may hold a secret.
    const command = args.slice(0, 2).join(" ");
    super("E_CLUSTER_KUBECTL", `kubectl ${command} ended with ${code}: ${words}`, "See its words.");
    this.exitCode = code;
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

export type Kubectl = (args: readonly string[], options?: KubectlOptions) => Promise<KubectlResult>;

export function createKubectl(run: Run, program: string, adminKubeconfig: string): Kubectl {
  return async (args, { input, kubeconfig, signal } = {}) => {
    const file = kubeconfig === undefined ? adminKubeconfig : writeKubeconfig(run, kubeconfig);
    const env = { ...process.env, ...kubectlEnvironment(run.directory, file) };
    const { code, ...result } = await runProgram(program, args, { input, env, signal });
    if (code !== 0) throw new KubectlError(args, code, result);
    return result;
  };
}

/** Neither reads nor writes the files that a user's own kubectl keeps at home. */
export function kubectlEnvironment(directory: string, kubeconfig: string): NodeJS.ProcessEnv {
  return { KUBECONFIG: kubeconfig, KUBECACHEDIR: `${directory}/kubectl-cache`, KUBECTL_KUBERC: "false" };
}

function writeKubeconfig(run: Run, text: string): string {
  const name = createHash("sha256").update(text).digest("hex");
  return writePrivately(run.path("kubeconfigs", name), text);
}
