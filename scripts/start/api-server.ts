/** The API server's side: an admission review as it sends one, and the answer as it takes it. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { json } from "node:stream/consumers";

import type { Pod } from "../../packages/core/src/index.ts";

/** An AdmissionReview of `admission.k8s.io/v1` with the fields, in the order, of Kubernetes 1.36. */
export interface Review {
  readonly kind: "AdmissionReview";
  readonly apiVersion: "admission.k8s.io/v1";
  readonly request: { readonly uid: string } & Readonly<Record<string, unknown>>;
}

export interface Answer {
  /** HTTP status. */
  readonly status: number;
  /** The parsed body. */
  readonly review: AnswerReview;
}

export interface AnswerReview {
  readonly apiVersion?: string;
  readonly response?: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly patchType?: string;
    readonly patch?: string;
    readonly status?: { readonly message?: string; readonly code?: number };
    readonly warnings?: readonly string[];
  };
}

/** The review for the creation of a pod by Flyte's propeller. */
export function reviewOf(pod: Pod): Review {
  const { namespace = "default", ...metadata } = pod.metadata ?? {};
  const kind = { group: "", version: "v1", kind: "Pod" };
  const resource = { group: "", version: "v1", resource: "pods" };
  return {
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid: randomUUID(),
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      ...(metadata.name === undefined ? {} : { name: metadata.name }),
      namespace,
      operation: "CREATE",
      userInfo: {
        username: "system:serviceaccount:flyte:flytepropeller",
        groups: ["system:serviceaccounts", "system:serviceaccounts:flyte", "system:authenticated"],
      },
      // Only the request says which namespace it is.
      object: { ...pod, metadata: { ...metadata, creationTimestamp: null } },
      oldObject: null,
      dryRun: false,
      options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1" },
    },
  };
}

/**
 * Opens a connection that is kept, as the API server's is.
 * @param caFile the CA that the registration would name
 */
export function connectApiServer(url: string, caFile: string): (review: Review) => Promise<Answer> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: readFileSync(caFile) });
  return (review) => post(`${url}?timeout=10s`, agent, JSON.stringify(review));
}

async function post(url: string, agent: Agent, body: string): Promise<Answer> {
  const headers = {
    "User-Agent": "kube-apiserver-admission",
    "Content-Length": Buffer.byteLength(body),
    Accept: "application/json, */*",
    "Content-Type": "application/json",
    "Accept-Encoding": "gzip",
  };
  const request = httpsRequest(url, { method: "POST", agent, headers, signal: AbortSignal.timeout(10_000) });
  request.end(body);
  const [response] = (await once(request, "response")) as unknown as readonly [IncomingMessage];
  const review = (await json(response)) as AnswerReview;
  return { status: response.statusCode ?? 0, review };
}
