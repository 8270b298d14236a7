/** Task pods that really run, and what they print. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Pod } from "../../../packages/core/src/index.ts";
import { secretRequests, withRequests, type RequestFields } from "../../../packages/injector-testkit/src/index.ts";

import { IMAGES, type ControlPlane } from "../../cluster/src/index.ts";
import type { ApiClient } from "./api-client.ts";

export interface Task {
  readonly namespace: string;
  readonly name: string;
  readonly requests: readonly RequestFields[];
  /** For a shell of busybox. */
  readonly script: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The pod of a task, as one that Pod Security `restricted` admits. */
export function runningTaskPod({ name, requests, script, labels = {} }: Omit<Task, "namespace">): Pod {
  const main = { name: "main", image: IMAGES.busybox, imagePullPolicy: "IfNotPresent", command: ["sh", "-c", script] };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels },
    spec: { restartPolicy: "Never", containers: [main] },
  };
  return withRequests(restricted(pod), secretRequests(requests));
}

/** Creates the pod, waits for its end, and removes it. @returns what it printed */
export async function taskOutput(cluster: ControlPlane, api: ApiClient, task: Task): Promise<string> {
  const { namespace, name } = task;
  const { status, body } = await api.createPod(namespace, runningTaskPod(task), "real");
  if (status !== 201) throw new Error(`pod ${name} is refused: ${JSON.stringify(body)}`);
  try {
    await untilEnded(api, namespace, name);
    return (await cluster.kubectl(["logs", name, "--namespace", namespace])).stdout;
  } finally {
    await api.send("DELETE", `/api/v1/namespaces/${namespace}/pods/${name}?gracePeriodSeconds=0`);
  }
}

async function untilEnded(api: ApiClient, namespace: string, name: string): Promise<void> {
  let seen: unknown;
  for (let tries = 0; tries < 600; tries += 1) {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    const { body } = await api.send<{ readonly status?: { readonly phase?: string } }>("GET", path);
    seen = body.status;
    if (body.status?.phase === "Succeeded" || body.status?.phase === "Failed") return;
    await sleep(100);
  }
  throw new Error(`pod ${name} does not end: ${JSON.stringify(seen)}`);
}

/** A command that prints an env var. A shell, process 1 here, does not see one with `-` in its name itself. */
export function printed(name: string): string {
  return `tr '\\0' '\\n' < /proc/1/environ | sed -n 's/^${name}=//p'`;
}

/** A pod as Pod Security `restricted` wants it. */
export function restricted(pod: Pod): Pod {
  const containers = (pod.spec?.containers ?? []).map((container) => ({
    ...container,
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  }));
  const securityContext = { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } };
  return { ...pod, spec: { ...pod.spec, securityContext, containers } };
}
