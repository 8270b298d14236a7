/** Keys of Flyte's `webhook` section, in lower case: Flyte does not tell upper from lower case in keys. */

/** Why a key does nothing that is about the registration with the API server. */
export const REGISTRATION = "this webhook does not register itself";

const NO_MANAGER = "this webhook has no such manager";
const NO_KUBE_CLIENT = "this webhook asks no API server";

/** Keys that Flyte reads and this webhook does not, and why. */
export const UNUSED_KEYS: ReadonlyMap<string, string> = new Map([
  ["metrics-prefix", "metrics have names of their own"],
  ["localcert", "certificates are read from certDir"],
  ["servicename", REGISTRATION],
  ["serviceport", REGISTRATION],
  ["secretname", "certificates are read from certDir"],
  ["disablecreatemutatingwebhookconfig", REGISTRATION],
  ["namespaceselector", REGISTRATION],
  ["gcpsecretmanager", NO_MANAGER],
  ["azuresecretmanager", NO_MANAGER],
  ["embeddedsecretmanagerconfig", NO_MANAGER],
  ["cacheinvalidationport", "no value is kept in a cache"],
  ["webhooktimeout", "Flyte does not use it either"],
  ["kubeclientconfig", NO_KUBE_CLIENT],
  ["imagebuilderconfig", "Flyte's webhook does not use it either"],
]);

/** Keys that Flyte v1.16.8 does not have: they tell that a file is for v2. */
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
