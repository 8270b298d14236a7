/** Keys of Flyte's `webhook` section. Flyte does not tell upper from lower case in them; look-ups are in lower case. */

const NO_KUBE_CLIENT = "this webhook asks the API server too little to need limits";

/** Keys that this webhook reads. */
const USED_KEYS = [
  "certDir",
  "localCert",
  "secretName",
  "listenPort",
  "serviceName",
  "servicePort",
  "namespaceSelector",
  "disableCreateMutatingWebhookConfig",
  "secretEnvVarPrefix",
  "secretManagerType",
  "secretManagerTypes",
  "awsSecretManager",
  "gcpSecretManager",
  "azureSecretManager",
  "vaultSecretManager",
  "embeddedSecretManagerConfig",
];

/** Keys that Flyte reads and this webhook does not, and why. */
const UNUSED_KEYS: readonly (readonly [string, string])[] = [
  ["metrics-prefix", "metrics have names of their own"],
  ["cacheInvalidationPort", "values are dropped from the cache by their age alone"],
  ["webhookTimeout", "Flyte does not use it either"],
  ["kubeClientConfig", NO_KUBE_CLIENT],
  ["imageBuilderConfig", "Flyte's webhook does not use it either"],
];

/** By key in lower case, why it has no effect here. */
export const UNUSED_REASONS: ReadonlyMap<string, string> = new Map(
  UNUSED_KEYS.map(([key, reason]) => [key.toLowerCase(), reason]),
);

/** All keys, as Flyte's documents spell them. */
export const WEBHOOK_KEYS: readonly string[] = [...USED_KEYS, ...UNUSED_KEYS.map(([key]) => key)];

/** Keys, in lower case, that Flyte v1.16.8 does not have: they tell that a file is for v2. */
export const V2_KEYS: ReadonlySet<string> = new Set([
  "secretmanagertypes",
  "secretenvvarprefix",
  "azuresecretmanager",
  "embeddedsecretmanagerconfig",
  "cacheinvalidationport",
  "webhooktimeout",
  "kubeclientconfig",
  "imagebuilderconfig",
]);
