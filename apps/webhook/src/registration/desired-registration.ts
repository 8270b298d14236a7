/** From configuration to the registration that is wanted. */
import { SERVICE } from "../certificates/called-host.ts";
import type { Config } from "../config/schema.ts";
import { caBundleSource, type CaBundleSource } from "../config/schema/sections-together.ts";
import type { RegistrationConfig } from "../config/schema/registration.ts";
import type { OwnerReference } from "../kubernetes/kubernetes-client.ts";
import { encodeBundle } from "./ca-bundle.ts";
import { plainSelector } from "./label-selector.ts";
import {
  ANNOTATIONS,
  type ClientConfig,
  type WebhookConfiguration,
  type WebhookEntry,
} from "./webhook-configuration.ts";

export interface DesiredRegistration {
  readonly name: string;
  /** Every field that has a default in the API is given; no `caBundle`. */
  readonly entry: WebhookEntry;
  readonly labels: Readonly<Record<string, string>>;
  /** Those of the configuration; ours come on top. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly owner: RegistrationConfig["owner"];
  /** Whose it is: `namespace/name`. */
  readonly installation: string;
  readonly caBundle: CaBundleSource;
}

/** What of a configuration says how the webhook is registered. */
export type RegisteredConfig = Pick<Config, "server"> & { readonly registration: RegistrationConfig };

/** @param namespace of the webhook's Service */
export function desiredRegistration(config: RegisteredConfig, namespace: string): DesiredRegistration {
  const { server, registration } = config;
  const { name, webhook, labels, annotations, owner } = registration;
  const clientConfig = clientConfigOf(registration, namespace, [server.path].flat()[0] ?? "/");
  return {
    name,
    entry: {
      name: webhook,
      clientConfig,
      // As Flyte registers (v1.16.8), with what it leaves to defaults. Apart from `sideEffects`: there are none.
      rules: [{ operations: ["CREATE"], apiGroups: ["*"], apiVersions: ["v1"], resources: ["pods"], scope: "*" }],
      failurePolicy: registration.failurePolicy,
      matchPolicy: "Equivalent",
      namespaceSelector: plainSelector(registration.namespaceSelector ?? otherNamespaces(namespace)),
      objectSelector: plainSelector(registration.objectSelector),
      sideEffects: "None",
      timeoutSeconds: registration.timeoutSeconds,
      admissionReviewVersions: ["v1", "v1beta1"],
      reinvocationPolicy: registration.reinvocationPolicy,
      matchConditions: registration.matchConditions,
    },
    labels,
    annotations,
    owner,
    installation: `${namespace}/${clientConfig.service?.name ?? name}`,
    caBundle: caBundleSource(config),
  };
}

function clientConfigOf({ service, url }: RegistrationConfig, namespace: string, path: string): ClientConfig {
  if (url !== undefined) return { url: new URL(path, url).href };
  const { name = SERVICE, port = 443 } = service ?? {};
  return { service: { namespace, name, path, port } };
}

/** A webhook that its own pods, or those of the cluster's parts, wait for can keep itself from starting. */
function otherNamespaces(own: string): NonNullable<RegistrationConfig["namespaceSelector"]> {
  // Kubernetes itself puts the label on each namespace.
  const key = "kubernetes.io/metadata.name";
  return {
    matchExpressions: [{ key, operator: "NotIn", values: [...new Set(["kube-node-lease", "kube-system", own])] }],
  };
}

/**
 * The whole object, as it is created.
 * @param bundle PEM of the CAs that the API server is to trust; none: it is left to others
 */
export function registrationManifest(
  desired: DesiredRegistration,
  bundle: string | undefined,
  owner?: OwnerReference,
): WebhookConfiguration {
  const { name, entry, labels, annotations, installation } = desired;
  const { clientConfig } = entry;
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: {
      name,
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      annotations: { ...annotations, [ANNOTATIONS.installation]: installation },
      ...(owner === undefined ? {} : { ownerReferences: [owner] }),
    },
    webhooks: [
      {
        ...entry,
        clientConfig: bundle === undefined ? clientConfig : { ...clientConfig, caBundle: encodeBundle(bundle) },
      },
    ],
  };
}
