/** Requests that are not this manager's, whatever its mode. */
import { missingGroup, quoted, skipped, type Injection, type SecretRequest } from "@pod-secrets/core";

import { isSecretName, isVersion } from "./secret-name.ts";

/** A group without a project may be anybody's: it is worth no fix. */
export function isMeant({ group }: SecretRequest): boolean {
  return group.startsWith("projects/");
}

/** A request that names no secret of Google Cloud, or no version of one. */
export function unfitNames(request: SecretRequest): Injection | undefined {
  const { group, groupVersion } = request;
  const missing = missingGroup(request);
  if (missing !== undefined) return missing;
  if (!isSecretName(group))
    return skipped(
      `${quoted(group, 160)} is no name of a secret in Google Cloud`,
      isMeant(request)
        ? "Set group to projects/PROJECT/secrets/NAME, or projects/PROJECT/locations/LOCATION/secrets/NAME for a regional one."
        : undefined,
    );
  if (groupVersion !== "" && !isVersion(groupVersion))
    return skipped(
      `group_version ${quoted(groupVersion)} is no version of a secret in Google Cloud`,
      "Set group_version to the number or an alias of a version, or to `latest`.",
    );
  return undefined;
}
