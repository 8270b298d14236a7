/** Kinds that a cluster has only when their operator is installed, in a shape that takes any object. */
import type { ControlPlane } from "../../cluster/src/index.ts";

const KINDS = [
  { group: "cert-manager.io", version: "v1", kind: "Certificate", plural: "certificates" },
  { group: "cert-manager.io", version: "v1", kind: "Issuer", plural: "issuers" },
  { group: "monitoring.coreos.com", version: "v1", kind: "ServiceMonitor", plural: "servicemonitors" },
  { group: "monitoring.coreos.com", version: "v1", kind: "PrometheusRule", plural: "prometheusrules" },
  { group: "autoscaling.k8s.io", version: "v1", kind: "VerticalPodAutoscaler", plural: "verticalpodautoscalers" },
] as const;

/** Defines these kinds, and waits until the API server serves them. */
export async function defineCustomResources({ kubectl }: ControlPlane): Promise<void> {
  const items = KINDS.map(({ group, version, kind, plural }) => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    // This group is one of those that only approved kinds may have.
    metadata: {
      name: `${plural}.${group}`,
      annotations: { "api-approved.kubernetes.io": "https://github.com/kubernetes/kubernetes/pull/63797" },
    },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        },
      ],
    },
  }));
  await kubectl(["apply", "-f", "-"], { input: JSON.stringify({ apiVersion: "v1", kind: "List", items }) });
  const names = KINDS.map(({ plural, group }) => `crd/${plural}.${group}`);
  await kubectl(["wait", "--for=condition=Established", "--timeout=60s", ...names]);
}
