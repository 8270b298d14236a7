/** A MutatingWebhookConfiguration (admissionregistration.k8s.io/v1), as far as it is read here; the rest survives. */
import type { KubernetesObject } from "../kubernetes/kubernetes-client.ts";

export interface WebhookConfiguration extends KubernetesObject {
  /** Empty ones and none are the same. */
  readonly webhooks?: readonly WebhookEntry[];
}

export interface WebhookEntry {
  /** Unique in its configuration. */
  readonly name: string;
  readonly clientConfig: ClientConfig;
  readonly [field: string]: unknown;
}

/** Where the API server calls: one of `service` and `url`. */
export interface ClientConfig {
  readonly service?: ServiceReference;
  readonly url?: string;
  /** PEM in base64. */
  readonly caBundle?: string;
}

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly path?: string;
  readonly port?: number;
}

/** Annotations of ours. */
export const ANNOTATIONS = {
  /** `namespace/name` of the Service, or of the configuration of a webhook outside of the cluster: whose it is. */
  installation: "pod-secrets.dev/installation",
  /** What the process that wrote it wants, so that an older one of another configuration leaves it alone. */
  desired: "pod-secrets.dev/desired",
  /** When it was unregistered: who ran then does not put it back. */
  unregistered: "pod-secrets.dev/unregistered",
} as const;
