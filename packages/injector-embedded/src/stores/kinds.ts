/** The option `store` -> a kind of store, with the names that Flyte v2 gives secrets in it. */
import { md5 } from "@noble/hashes/legacy.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { awsSecretsManager, azureKeyVault, gcpSecretManager } from "@pod-secrets/secret-fetch/stores";

import type { StoreOptions } from "../options.ts";
import { encodedName } from "../scope.ts";
import { azureName, azureValue } from "./azure-names.ts";
import { kubernetesSecret } from "./kubernetes-secret.ts";
import type { StoreKind } from "./store.ts";

/** @param env of the webhook's process */
export function storeKind({ type, settings }: StoreOptions, env: StoreKind["env"]): StoreKind {
  switch (type) {
    case "k8s":
      return {
        provider: kubernetesSecret,
        settings,
        // Without those of a proxy: the API server is in the cluster.
        env: pick(env, ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"]),
        source: (name) => ({ name: objectName(encodedName(name)), dataKey: encodedName(name) }),
      };
    case "aws":
      return {
        provider: awsSecretsManager,
        settings,
        env,
        source: (name) => ({ secretId: encodedName(name) }),
      };
    case "gcp":
      return {
        provider: gcpSecretManager,
        settings,
        env,
        source: (name) => ({ secret: encodedName(name) }),
      };
    case "azure":
      return {
        provider: azureKeyVault,
        settings,
        env,
        source: (name) => ({ secret: azureName(name) }),
        value: azureValue,
      };
  }
}

function pick(env: StoreKind["env"], names: readonly string[]): StoreKind["env"] {
  return Object.fromEntries(names.map((name) => [name, env[name]]));
}

/** Flyte's name of the Kubernetes Secret (`k8s_secrets.go`). A name, not a protection. */
function objectName(name: string): string {
  return bytesToHex(md5(utf8ToBytes(name)));
}
