/** Registrations for tests: what is wanted, and what the API server makes of it. */
import { configSchema } from "../../src/config/schema.ts";
import { desiredRegistration, type DesiredRegistration } from "../../src/registration/desired-registration.ts";
import type { Intent } from "../../src/registration/plan.ts";
import type { WebhookConfiguration } from "../../src/registration/webhook-configuration.ts";

const NAMESPACE = "flyte";
export const BUNDLE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

/** What is wanted by the section `registration` of a config file. */
export function desiredBy(section: object, server: object = {}): DesiredRegistration {
  const { registration, ...config } = configSchema.parse({ registration: section, server });
  if (registration === undefined) throw new Error("there is a section");
  return desiredRegistration({ server: config.server, registration }, NAMESPACE);
}

export function intentOf(section: object = {}, intent: Partial<Intent> = {}): Intent {
  return {
    desired: desiredBy(section),
    bundle: BUNDLE,
    others: { stay: false },
    owner: undefined,
    since: 1000,
    ...intent,
  };
}

/** As the API server stores an object: with a version, and without what is empty. */
export function stored(object: WebhookConfiguration): WebhookConfiguration {
  const webhooks = object.webhooks?.map(({ matchConditions, ...entry }) =>
    Array.isArray(matchConditions) && matchConditions.length > 0 ? { ...entry, matchConditions } : entry,
  );
  return {
    ...object,
    metadata: { ...object.metadata, uid: "a-uid", resourceVersion: "7" },
    ...(webhooks === undefined ? {} : { webhooks }),
  };
}

/**
 * As Flyte's webhook leaves it (v1.16.8, `flytepropeller/pkg/webhook/utils.go`), with the API server's defaults, and
 * owned by its ReplicaSet.
 */
export function flyteRegistration(): WebhookConfiguration {
  return stored({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: {
      name: "flyte-pod-webhook",
      ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "flyte-pod-webhook-7c", uid: "rs-uid" }],
    },
    webhooks: [
      {
        name: "flyte-pod-webhook.flyte.org",
        clientConfig: {
          caBundle: Buffer.from("old").toString("base64"),
          service: { name: "flyte-pod-webhook", namespace: NAMESPACE, path: "/mutate--v1-pod", port: 443 },
        },
        rules: [{ operations: ["CREATE"], apiGroups: ["*"], apiVersions: ["v1"], resources: ["pods"], scope: "*" }],
        failurePolicy: "Fail",
        matchPolicy: "Equivalent",
        namespaceSelector: {},
        objectSelector: { matchLabels: { "inject-flyte-secrets": "true" } },
        sideEffects: "NoneOnDryRun",
        timeoutSeconds: 10,
        admissionReviewVersions: ["v1", "v1beta1"],
        reinvocationPolicy: "Never",
      },
    ],
  });
}
