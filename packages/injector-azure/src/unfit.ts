/** Requests that are not this manager's, whatever its mode. */
import { quoted, skipped, type Injection, type SecretRequest } from "@pod-secrets/core";

/** A group that is no address may be anybody's: it is worth no fix. */
export function isMeant({ group }: SecretRequest): boolean {
  return group.startsWith("https://");
}

export function noSecret(request: SecretRequest): Injection {
  return skipped(
    `${quoted(request.group, 160)} is no secret of Azure Key Vault`,
    isMeant(request)
      ? "Set group to https://VAULT.vault.azure.net/secrets/NAME, and group_version to the id of a version, or leave it out."
      : undefined,
  );
}

export function noVersion({ groupVersion }: SecretRequest): Injection {
  return skipped(
    `group_version ${quoted(groupVersion)} is no version of a secret in Azure Key Vault`,
    "Set group_version to the id of a version, 32 hexadecimal digits, or leave it out for the current one.",
  );
}
