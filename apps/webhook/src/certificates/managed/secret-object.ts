/** A Secret of the core API, and what can be done with one. */
import type { KubernetesObject } from "../../kubernetes/kubernetes-client.ts";

/** A Secret of the core API; values are Base64. */
export interface SecretObject extends KubernetesObject {
  readonly type?: string;
  readonly immutable?: boolean;
  readonly data?: Readonly<Record<string, string>>;
}

/** Longer values are not read: Flyte's have 3 kB. */
const MAX_VALUE_BYTES = 65_536;

/** The text of a value; empty when it is not there, or too long. */
export function textAt({ data = {} }: SecretObject, key: string): string {
  const value = data[key];
  if (typeof value !== "string" || value.length > (MAX_VALUE_BYTES * 4) / 3) return "";
  return Buffer.from(value, "base64").toString();
}

/** As values are written: base64. */
export function encodeValue(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** A Secret that is not there yet, as Flyte makes it; only that it can be changed. */
export function newSecret(namespace: string, name: string): SecretObject {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace, labels: { "app.kubernetes.io/managed-by": "pod-secrets" } },
    type: "Opaque",
  };
}

/** What the API server sets, and refuses or ignores in what is created. */
const SERVER_FIELDS: ReadonlySet<string> = new Set([
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "managedFields",
  "selfLink",
]);

/** A Secret with another's metadata and data, that can be created under the same name, and be changed. */
export function successorOf({ immutable: _, ...secret }: SecretObject): SecretObject {
  const kept = Object.entries(secret.metadata).filter(([key]) => !SERVER_FIELDS.has(key));
  return { ...secret, metadata: { ...Object.fromEntries(kept), name: secret.metadata.name } };
}

/**
 * What takes the place of one that is gone. Its owner may be why it was deleted, and would have it deleted again.
 */
export function recreated(former: SecretObject): SecretObject {
  const secret = successorOf(former);
  const { ownerReferences: _, finalizers: __, ...metadata } = secret.metadata;
  return { ...secret, metadata };
}

/** Whether only metadata differs: all that may be changed of an immutable Secret. */
export function hasSameData(left: SecretObject, right: SecretObject): boolean {
  const [a, b] = [left.data ?? {}, right.data ?? {}];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.every((key) => a[key] === b[key]);
}
