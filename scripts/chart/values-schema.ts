/**
 * The schema of the chart's values: strict, so that a typo is an error that names the key. What stands under `config`
 * is checked by the schema of the config file, without the keys that the chart settles.
 */
import { chartConfig, configSections, managedCertificates } from "./config-schema.ts";
import { anything, flag, listOf, oneOf, only, port, text, whole, words, type Schema } from "./schema-words.ts";

/** RFC 1123, as Kubernetes wants names of most objects. */
const objectName: Schema = { type: "string", maxLength: 253, pattern: "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$" };
/** RFC 1035, as Kubernetes wants names of Services. */
const serviceName: Schema = { type: "string", maxLength: 63, pattern: "^[a-z]([-a-z0-9]*[a-z0-9])?$" };
const optionalName: Schema = { type: "string", maxLength: 253, pattern: "^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$" };
const optionalNamespace: Schema = { type: "string", maxLength: 63, pattern: "^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$" };
/** Group or key of a global secret: @pod-secrets/injector-global. */
const secretPart: Schema = { type: "string", maxLength: 253, pattern: "^[A-Za-z0-9_][-A-Za-z0-9_.]*$" };
/** A duration of Go, as cert-manager takes it. */
const duration: Schema = { type: "string", pattern: "^([0-9]+(h|m|s))+$" };

const labelSelector = only({
  matchLabels: words,
  matchExpressions: listOf(only({ key: text, operator: text, values: listOf(text) }, "key", "operator")),
});
const peers = listOf(only({ namespaceSelector: anything, podSelector: anything, ipBlock: anything }));
const valueFrom = {
  ...only({ secretKeyRef: anything, configMapKeyRef: anything, fieldRef: anything, resourceFieldRef: anything }),
  minProperties: 1,
};

const certificates = (managed: Schema): Schema =>
  only({
    source: oneOf("managed", "cert-manager", "secret"),
    secretName: objectName,
    managed,
    certManager: only({
      issuerRef: only({ name: text, kind: text, group: text }),
      duration,
      renewBefore: duration,
    }),
  });

const registration = only({
  by: oneOf("", "webhook", "chart", "none"),
  name: objectName,
  failurePolicy: oneOf("Fail", "Ignore"),
  timeoutSeconds: whole(1, 30),
  reinvocationPolicy: oneOf("IfNeeded", "Never"),
  namespaceSelector: labelSelector,
  objectSelector: labelSelector,
  matchConditions: listOf(only({ name: text, expression: text }, "name", "expression")),
  caBundle: text,
});

const globalSecret = only(
  { secretName: objectName, group: secretPart, keys: listOf(secretPart), as: oneOf("files", "env") },
  "secretName",
);

const pod: Readonly<Record<string, Schema>> = {
  podAnnotations: words,
  podLabels: words,
  resources: only({ requests: anything, limits: anything, claims: listOf(anything) }),
  podSecurityContext: anything,
  securityContext: anything,
  priorityClassName: text,
  nodeSelector: words,
  tolerations: listOf(
    only({ key: text, operator: text, value: text, effect: text, tolerationSeconds: { type: "integer" } }),
  ),
  affinity: only({ nodeAffinity: anything, podAffinity: anything, podAntiAffinity: anything }),
  topologySpreadConstraints: listOf(anything),
  terminationGracePeriodSeconds: whole(0),
  extraEnv: listOf(only({ name: text, valueFrom }, "name", "valueFrom")),
  extraVolumes: listOf({ type: "object", required: ["name"] }),
  extraVolumeMounts: listOf({ type: "object", required: ["name", "mountPath"] }),
};

const scaling: Readonly<Record<string, Schema>> = {
  podDisruptionBudget: only({
    enabled: flag,
    maxUnavailable: { anyOf: [whole(0), { type: "string", pattern: "^[0-9]{1,3}%$" }] },
  }),
  autoscaling: only({
    enabled: flag,
    minReplicas: whole(1),
    maxReplicas: whole(1),
    targetCPUUtilizationPercentage: whole(1),
  }),
  verticalPodAutoscaler: only({
    enabled: flag,
    updateMode: oneOf("Off", "Initial", "Recreate", "InPlaceOrRecreate", "Auto"),
    minAllowed: anything,
    maxAllowed: anything,
  }),
};

const monitoring = only({
  serviceMonitor: only({ enabled: flag, interval: duration, labels: words }),
  prometheusRule: only({ enabled: flag, labels: words }),
  dashboard: only({ enabled: flag, labels: words, annotations: words }),
});

const networkPolicy = only({
  enabled: flag,
  admissionFrom: peers,
  metricsFrom: peers,
  apiServerTo: peers,
  apiServerPorts: { ...listOf(port), minItems: 1 },
});

/** Text of deploy/helm/pod-secrets/values.schema.json. @param configSchema text of schemas/config.schema.json */
export function valuesSchemaText(configSchema: string): string {
  const config = configSections(configSchema);
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Values of the chart pod-secrets",
    ...only({
      // What Helm and an umbrella chart put there.
      global: anything,
      enabled: flag,
      fullnameOverride: text,
      nameOverride: text,
      image: only({
        repository: text,
        tag: text,
        digest: { type: "string", pattern: "^(sha256:[0-9a-f]{64})?$" },
        pullPolicy: oneOf("Always", "IfNotPresent", "Never"),
      }),
      imagePullSecrets: listOf(only({ name: text }, "name")),
      replicas: whole(0),
      config: chartConfig(config),
      flyte: only({ configMap: optionalName }),
      certificates: certificates(managedCertificates(config)),
      registration,
      globalSecrets: listOf(globalSecret),
      embedded: only({ namespace: optionalNamespace }),
      storage: only({ secretName: optionalName, group: secretPart, type: text, region: text }),
      service: only({ name: serviceName, port, annotations: words }),
      serviceAccount: only({ create: flag, name: optionalName, annotations: words }),
      rbac: only({ create: flag }),
      admissionPolicies: only({ enabled: flag }),
      commonLabels: words,
      deploymentAnnotations: words,
      ...pod,
      ...scaling,
      networkPolicy,
      monitoring,
      unregister: only({ enabled: flag }),
      tests: only({
        enabled: flag,
        namespace: objectName,
        request: only(
          { group: text, groupVersion: text, key: text, mountRequirement: oneOf("ANY", "ENV_VAR", "FILE") },
          "group",
          "key",
        ),
      }),
    }),
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
