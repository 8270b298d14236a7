/** Pods that ask for a Secret, as propeller sends them. */
import type { Pod } from "../../../packages/core/src/index.ts";
import { secretRequests, withRequests } from "../../../packages/injector-testkit/src/index.ts";

const TASK_IMAGE = "registry.example.com/task:1";

/** A pod that asks for key `password` of Secret `user-info` as env var. */
export function taskPod(name = "task"): Pod {
  const pod: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { containers: [{ name: "main", image: TASK_IMAGE }] },
  };
  return withRequests(pod, secretRequests([{ group: "user-info", key: "password", mountRequirement: "ENV_VAR" }]));
}

/** Why a created {@link taskPod} would not find its secret. */
export function missingSecret(created: unknown): string | undefined {
  const env = (created as Pod).spec?.containers[0]?.env ?? [];
  return env.some(({ name }) => name === "_FSEC_USER-INFO_PASSWORD") ? undefined : "the pod has no secret";
}
