/** Jobs that really run, and what their pod prints. */
import type { Pod } from "../../../packages/core/src/index.ts";

import type { ControlPlane } from "../../cluster/src/index.ts";

/**
 * Runs a Job, whose controller makes the pod from a template as those of custom resources do, and removes it.
 * @param pod the template, with the name of the Job
 * @returns what it printed
 */
export async function jobOutput({ kubectl }: ControlPlane, namespace: string, pod: Pod): Promise<string> {
  const { name = "", ...metadata } = pod.metadata ?? {};
  const template = { metadata, spec: pod.spec };
  const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec: { backoffLimit: 0, template } };
  const inNamespace = ["--namespace", namespace];
  await kubectl(["create", "-f", "-", ...inNamespace], { input: JSON.stringify(job) });
  try {
    await kubectl(["wait", `job/${name}`, "--for=condition=complete", "--timeout=120s", ...inNamespace]);
    return (await kubectl(["logs", `job/${name}`, ...inNamespace])).stdout;
  } finally {
    await kubectl(["delete", "job", name, ...inNamespace]);
  }
}
