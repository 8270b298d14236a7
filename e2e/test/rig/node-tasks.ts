/** Task pods on a node, as kubectl and the API server show them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";

import type { Pod } from "../../../packages/core/src/index.ts";
import type { ControlPlane } from "../../cluster/src/index.ts";
import type { ApiClient } from "./api-client.ts";
import { processOf } from "./pod-processes.ts";
import { until } from "./registrations.ts";
import { runningTaskPod, type Task } from "./task-output.ts";

/** What tests read of a pod's status. */
interface PodStatus {
  readonly phase?: string;
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly containerStatuses?: readonly ContainerStatus[];
}

export interface ContainerStatus {
  readonly name: string;
  readonly restartCount: number;
  readonly state: Readonly<Partial<Record<"waiting" | "running" | "terminated", object>>>;
}

export interface RunningTask {
  /** As it was admitted. */
  readonly pod: Pod;
  readonly uid: string;
  status(): Promise<PodStatus>;
  /** Waits for the end of the pod, or for another phase. */
  untilPhase(phase: "Running" | "Succeeded" | "Failed"): Promise<void>;
  /** Waits until a container has been started so often again. @param name of a container or an init container */
  untilRestarted(name: string, times: number): Promise<void>;
  /** A file below the directory of the secrets, as the running task has it. */
  read(path: string): string;
  /** What the task printed. */
  logs(): Promise<string>;
  /** What `kubectl describe pod` shows. */
  describe(): Promise<string>;
}

interface CreatedPod extends Pod {
  readonly metadata: NonNullable<Pod["metadata"]> & { readonly uid: string };
}

export interface TaskOptions extends Task {
  /** Of the pod; Never by default. */
  readonly restartPolicy?: "Always" | "OnFailure" | "Never";
}

/** Keeps a task running. */
export const WAIT = "until test -e /tmp/end; do sleep 0.1; done";

/** Milliseconds; a busy machine takes long. */
const PATIENCE = 180_000;
/** Where a task finds its files; Flyte's default. */
const MOUNT_ROOT = "etc/flyte/secrets";

/** Creates the pod. It is gone after the test. */
export async function startTask(
  { kubectl }: ControlPlane,
  api: ApiClient,
  { restartPolicy = "Never", ...task }: TaskOptions,
): Promise<RunningTask> {
  const { namespace, name } = task;
  const wanted = runningTaskPod(task);
  const asking = { ...wanted, spec: { ...wanted.spec, restartPolicy } };
  const { status, body } = await api.createPod<CreatedPod>(namespace, asking, "real");
  if (status !== 201) throw new Error(`pod ${name} is refused: ${JSON.stringify(body)}`);
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  onTestFinished(async () => {
    await api.send("DELETE", `${path}?gracePeriodSeconds=0`);
    await until(async () => (await api.send("GET", path)).status === 404, PATIENCE);
  });
  const look = async (): Promise<PodStatus> =>
    (await api.send<{ readonly status: PodStatus }>("GET", path)).body.status;
  const untilStatus = async (isRight: (seen: PodStatus) => boolean): Promise<void> => {
    let seen: PodStatus = {};
    try {
      await until(async () => isRight((seen = await look())), PATIENCE);
    } catch (error) {
      throw new Error(`${name}: ${JSON.stringify(seen)}`, { cause: error });
    }
  };
  return {
    pod: body,
    uid: body.metadata.uid,
    status: look,
    untilPhase: (phase) => untilStatus((seen) => seen.phase === phase),
    untilRestarted: (container, times) =>
      untilStatus(({ initContainerStatuses = [], containerStatuses = [] }) =>
        [...initContainerStatuses, ...containerStatuses].some(
          (seen) => seen.name === container && seen.restartCount >= times,
        ),
      ),
    read: (file) => {
      const { pid } = processOf(body.metadata.uid, task.script);
      // What Linux shows of a process: its "root" is the root of the container (proc_pid_root(5)).
      return readFileSync(join("/proc", String(pid), "root", MOUNT_ROOT, file), "utf8");
    },
    logs: async () => (await kubectl(["logs", name, "--container", "main", "--namespace", namespace])).stdout,
    describe: async () => (await kubectl(["describe", "pod", name, "--namespace", namespace])).stdout,
  };
}
