/**
 * What Azure Key Vault takes as the address of a secret, and as a version of one. Text that fits can stand in a command,
 * a URL and a path as it is.
 */

/** A secret's address, taken apart. */
export interface SecretName {
  /** Address of the vault, such as `https://my-vault.vault.azure.net`; undefined for a name alone. */
  readonly vault: string | undefined;
  readonly name: string;
}

// "Azure Key Vault keys, secrets and certificates overview": letters, digits and `-`, at most 127.
const NAME = "[0-9A-Za-z-]{1,127}";
// The slash at the end is Flyte's: it drops it.
const SECRET = new RegExp(`^(?:(https?://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?)/secrets/(${NAME})/{0,8}|(${NAME}))$`);
// A name of 3 to 24 letters, digits and `-`, in Azure, Azure China or Azure US Government. A managed HSM has no secrets.
const KEY_VAULT =
  /^https:\/\/[a-z][a-z0-9-]{1,22}[a-z0-9]\.(?:vault\.azure\.net|vault\.azure\.cn|vault\.usgovcloudapi\.net)$/i;

/** @returns undefined for what is neither `VAULT/secrets/NAME` nor `NAME` */
export function parseSecretName(text: string): SecretName | undefined {
  const [, vault, inVault, alone] = SECRET.exec(text) ?? [];
  const name = inVault ?? alone;
  return name === undefined ? undefined : { vault, name };
}

/** Whether an address is that of a vault of Key Vault: a token goes to no other. */
export function isKeyVault(vault: string): boolean {
  return KEY_VAULT.test(vault);
}

/** Key Vault's own ids of versions. */
export function isVersionId(text: string): boolean {
  return /^[0-9A-Fa-f]{32}$/.test(text);
}

/** Flyte takes any; those of Key Vault are among these. */
export function isPlainVersion(text: string): boolean {
  return /^[0-9A-Za-z][0-9A-Za-z-]{0,126}$/.test(text);
}
