/** Pods that ask for secrets. */
import { encodeRequests, type Pod, type SecretRequest } from "@pod-secrets/core";

/** A request for `user-info`/`password`, as far as not said otherwise. */
export function request(fields: Partial<SecretRequest> = {}): SecretRequest {
  return {
    source: "",
    group: "user-info",
    groupVersion: "",
    key: "password",
    mountRequirement: "ENV_VAR",
    envVar: "",
    ...fields,
  };
}

/** A labelled pod with one container that asks for secrets. */
export function podAsking(requests: readonly SecretRequest[] = [request()], name = "task"): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { "inject-flyte-secrets": "true" }, annotations: encodeRequests(requests) },
    spec: { containers: [{ name: "main", image: "example.com/task:1" }] },
  };
}

/** A pod with a request that no manager of the default configuration has. */
export function refusedPod(name = "refused"): Pod {
  return podAsking([request({ group: "Not A Secret" })], name);
}

/** The annotations for `user-info`/`password` as an env var, as YAML. */
export const ANNOTATIONS: readonly string[] = Object.entries(encodeRequests([request()])).map(
  ([key, value]) => `${key}: ${value}`,
);
