/** The option `store` -> a kind of store, with the names that Flyte v2 gives secrets in it. */
import { md5 } from "@noble/hashes/legacy.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { AWS_SERVERS, withPrivateWays, type ServerPath } from "@pod-secrets/fetch-container";
import { awsSecretsManager, azureKeyVault, gcpSecretManager } from "@pod-secrets/secret-fetch/stores";
import * as z from "zod";

import { encodedName, type ScopedName } from "../scope.ts";
import { azureName, azureValue } from "./azure-names.ts";
import { kubernetesSecret } from "./kubernetes-secret.ts";
import type { StoreKind } from "./store.ts";
import type { StoreType } from "./types.ts";

interface KnownStore extends Pick<StoreKind, "provider" | "source" | "value"> {
  /** A setting that the provider can do without, and this manager cannot. */
  readonly needs?: string;
  /** Settings with the address of a server, which may be plain HTTP where `allowHttp` is set. */
  readonly servers?: readonly ServerPath[];
  /** The env vars that it may see, where that is not all. */
  readonly sees?: readonly string[];
}

const STORES: Readonly<Record<StoreType, KnownStore>> = {
  k8s: {
    provider: kubernetesSecret,
    source: (name) => ({ name: objectName(name), dataKey: encodedName(name) }),
    // Not those of a proxy: the API server is in the cluster.
    sees: ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"],
  },
  aws: {
    provider: awsSecretsManager,
    source: (name) => ({ secretId: encodedName(name) }),
    servers: AWS_SERVERS,
  },
  gcp: {
    provider: gcpSecretManager,
    source: (name) => ({ secret: encodedName(name) }),
    needs: "project",
    servers: [["url"], ["metadataUrl"]],
  },
  azure: {
    provider: azureKeyVault,
    source: (name) => ({ secret: azureName(name) }),
    value: azureValue,
    needs: "vault",
    servers: [["vault"], ["authority"]],
  },
};

/** @param env of the webhook's process */
export function storeKind(type: StoreType, settings: unknown, env: StoreKind["env"]): StoreKind {
  const { provider, source, value, sees } = STORES[type];
  const seen = sees === undefined ? env : Object.fromEntries(sees.map((name) => [name, env[name]]));
  return { provider, source, settings, env: seen, ...(value === undefined ? {} : { value }) };
}

/** Those that the provider's schema has taken. */
const ANY_SETTINGS = z.custom<{ readonly allowHttp?: boolean }>(() => true);

/** What is wrong with the settings of a store. */
export interface SettingsFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** What to write instead, where the schema that found it says so. */
  readonly params?: { readonly fix?: string };
}

export async function settingsFaults(
  type: StoreType,
  settings: Readonly<Record<string, unknown>>,
): Promise<readonly SettingsFault[]> {
  const { provider, needs, servers = [] } = STORES[type];
  const checked = await provider.settings["~standard"].validate(settings);
  if (checked.issues === undefined && needs !== undefined && settings[needs] === undefined)
    return [{ path: [needs], message: "is needed" }];
  const issues = checked.issues ?? withPrivateWays(ANY_SETTINGS, servers).safeParse(settings).error?.issues ?? [];
  return issues.map(({ path = [], ...issue }) => ({
    ...issue,
    path: path.map((part) => (typeof part === "object" ? part.key : part)),
  }));
}

/** Flyte's name of the Kubernetes Secret: the MD5 (`k8s_secrets.go`). A name, not a protection. */
function objectName(name: ScopedName): string {
  return bytesToHex(md5(utf8ToBytes(encodedName(name))));
}
