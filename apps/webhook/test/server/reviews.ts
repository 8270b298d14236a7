/** Admission reviews as the API server sends them, and what comes back. */
import type { Pod } from "@pod-secrets/core";
import { secretRequests, testPod, withRequests, type RequestFields } from "@pod-secrets/injector-testkit";

import type { Answer } from "./started-webhook.ts";

export const UID = "705ab4f5-6393-11e8-b7cc-42010a800002";

/** A review of the creation of a pod; `request` replaces parts of its request, `review` parts of itself. */
export function reviewOf(pod: unknown, request: object = {}, review: object = {}): string {
  return JSON.stringify({
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid: UID,
      kind: { group: "", version: "v1", kind: "Pod" },
      resource: { group: "", version: "v1", resource: "pods" },
      requestKind: { group: "", version: "v1", kind: "Pod" },
      requestResource: { group: "", version: "v1", resource: "pods" },
      namespace: "flytesnacks-development",
      operation: "CREATE",
      userInfo: { username: "system:serviceaccount:flyte:flytepropeller", groups: ["system:authenticated"] },
      object: pod,
      oldObject: null,
      dryRun: false,
      options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1" },
      ...request,
    },
    ...review,
  });
}

/** A pod that asks for secrets. */
export function podWith(...requests: readonly RequestFields[]): Pod {
  return withRequests(testPod(), secretRequests(requests));
}

/** One that Kubernetes Secrets can give. */
export const A_SECRET: RequestFields = { group: "user-info", key: "password", mountRequirement: "ENV_VAR" };

/** One that nobody has: a key is missing. */
export const NO_SECRET: RequestFields = { group: "user-info", key: "" };

export interface ReviewResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly patch?: string;
  readonly patchType?: string;
  readonly status?: { readonly code?: number; readonly message?: string };
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** The response in an answered review. */
export function responseIn({ text }: Answer): ReviewResponse {
  return (JSON.parse(text) as { readonly response: ReviewResponse }).response;
}

export interface PatchStep {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** The decoded JSON Patch of a response; empty without one. */
export function patchIn(answer: Answer): readonly PatchStep[] {
  const { patch } = responseIn(answer);
  return patch === undefined ? [] : (JSON.parse(Buffer.from(patch, "base64").toString()) as PatchStep[]);
}

/** The `Status` of an answer that is no review. */
export function statusIn({ text }: Answer): {
  readonly kind: string;
  readonly message: string;
  readonly code: number;
  readonly reason: string;
} {
  return JSON.parse(text) as never;
}
