/** The Event as the API server keeps it (core/v1). */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";

import type { KubernetesObject, PatchOperation } from "../../kubernetes/kubernetes-client.ts";
import type { RefusalEvent } from "./refusal-event.ts";

/** The same refusal again and again. */
export interface Occurrences {
  readonly event: RefusalEvent;
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
}

const COMPONENT = "pod-secrets";
/** Longest name of an object within the Event's own: that has at most 253 characters (`IsDNS1123Subdomain`). */
const MAX_NAME = 200;

export function eventObject({ event, count, first, last }: Occurrences): KubernetesObject {
  const { target, reason, message } = event;
  const start = target.name.slice(0, MAX_NAME).replace(/[-.]+$/, "");
  const name = `${start}.${randomBytes(8).toString("hex")}`;
  const more = {
    involvedObject: target,
    reason,
    message,
    type: "Warning",
    source: { component: COMPONENT },
    reportingComponent: COMPONENT,
    reportingInstance: hostname(),
    firstTimestamp: timestamp(first),
    lastTimestamp: timestamp(last),
    count,
  };
  return { apiVersion: "v1", kind: "Event", metadata: { name, namespace: target.namespace }, ...more };
}

/** What changes when it happens again. @param count of all occurrences */
export function eventChange({ event, last }: Occurrences, count: number): readonly PatchOperation[] {
  return [
    { op: "replace", path: "/count", value: count },
    { op: "replace", path: "/lastTimestamp", value: timestamp(last) },
    { op: "replace", path: "/message", value: event.message },
  ];
}

/** `metav1.Time`: whole seconds. */
function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
