/** Requests for tests. */
import { INJECT_LABEL, encodeRequests, type Pod, type SecretRequest } from "@pod-secrets/core";

/** The fields of a request that a test cares about; the others are as propeller leaves them: empty, ANY. */
export type RequestFields = Partial<SecretRequest>;

/** A whole request from the fields that matter. */
export function secretRequest(fields: RequestFields = {}): SecretRequest {
  return {
    source: "flyte.secrets/s0",
    group: "",
    groupVersion: "",
    key: "",
    mountRequirement: "ANY",
    envVar: "",
    ...fields,
  };
}

/** Requests as they stand on one pod, in this order: their sources are `flyte.secrets/s0`, `s1` and so on. */
export function secretRequests(list: readonly RequestFields[]): readonly SecretRequest[] {
  return list.map((fields, index) => secretRequest({ ...fields, source: `flyte.secrets/s${index}` }));
}

/** The pod with the label and the annotations that Flyte's propeller puts on it for these requests. */
export function withRequests(pod: Pod, requests: readonly SecretRequest[]): Pod {
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: { ...pod.metadata?.labels, [INJECT_LABEL]: "true" },
      annotations: { ...pod.metadata?.annotations, ...encodeRequests(requests) },
    },
  };
}
