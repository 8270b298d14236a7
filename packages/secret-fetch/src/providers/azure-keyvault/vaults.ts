/** Where a secret is, and which cloud of Microsoft that is. A token goes to no host that somebody made up. */
import { quoted } from "@pod-secrets/core";

import { FetchFailure } from "../../failure.ts";
import { trustedServer } from "../../settings.ts";
import type { AzureSettings } from "./settings.ts";
import { parseSecretName, type AzureSecretName } from "./source.ts";

/** A national cloud ("Azure Key Vault security", "National clouds"): its Key Vault, and who logs in for it. */
export interface Cloud {
  /** Of its vaults' host names. */
  readonly suffix: string;
  readonly authority: string;
}

const PUBLIC: Cloud = { suffix: "vault.azure.net", authority: "https://login.microsoftonline.com" };
const CLOUDS: readonly Cloud[] = [
  PUBLIC,
  { suffix: "vault.azure.cn", authority: "https://login.chinacloudapi.cn" },
  { suffix: "vault.usgovcloudapi.net", authority: "https://login.microsoftonline.us" },
];

/** A secret, and the server that is asked for it. */
export interface Place {
  readonly server: URL;
  readonly name: string;
  /** That the token is for. */
  readonly cloud: Cloud;
}

/** @throws FetchFailure `wrong-request` */
export function placeOf(secret: string, { vault, allowHttp }: AzureSettings): Place {
  // The schema has read it.
  const { vault: named, name } = parseSecretName(secret) as AzureSecretName;
  const own = vault === undefined ? undefined : trustedServer(vault, "vault", allowHttp);
  if (named === undefined || named.origin === own?.origin) {
    if (own === undefined) throw noVault(secret);
    return { server: own, name, cloud: cloudOf(own) ?? PUBLIC };
  }
  const cloud = cloudOf(named);
  if (cloud === undefined) throw noHostOfKeyVault(named);
  return { server: named, name, cloud };
}

/**
 * Whether an id that Key Vault answers, `https://VAULT.vault.azure.net/secrets/NAME/VERSION`, is that of the secret that
 * was asked for. A vault that was asked by another address, such as a way of one's own to it, has its own all the same.
 */
export function isIdOf({ server, name }: Pick<Place, "server" | "name">, id: string): boolean {
  const url = URL.parse(id);
  const [, named] = /^\/secrets\/([^/]+)(?:\/[^/]+)?$/.exec(url?.pathname ?? "") ?? [];
  if (url === null || named?.toLowerCase() !== name.toLowerCase()) return false;
  return cloudOf(server) === undefined || url.host === server.host;
}

/** @returns undefined for what is no vault of Key Vault: a name of 3 to 24 letters, digits and hyphens, by TLS */
function cloudOf({ protocol, host }: URL): Cloud | undefined {
  const [, suffix] = /^[a-z][a-z0-9-]{1,22}[a-z0-9]\.(.+)$/.exec(host) ?? [];
  return protocol === "https:" ? CLOUDS.find((cloud) => cloud.suffix === suffix) : undefined;
}

function noVault(secret: string): FetchFailure {
  return new FetchFailure(
    "wrong-request",
    `the secret ${quoted(secret, 200)} is named without a vault, and no vault is known`,
    "Name it as https://VAULT.vault.azure.net/secrets/NAME, or set vault in the provider's settings.",
  );
}

function noHostOfKeyVault({ origin }: URL): FetchFailure {
  const suffixes = CLOUDS.map(({ suffix }) => `https://VAULT.${suffix}`).join(", ");
  return new FetchFailure(
    "wrong-request",
    `${quoted(origin, 200)} is no vault of Key Vault, so it gets no token`,
    `Correct the name; a vault is ${suffixes}, or what vault in the provider's settings says. Managed HSM keeps no secrets.`,
  );
}
