/** Requests that are not this manager's, whatever its mode. */
import { ERRORS, skipped, type Injection, type SecretRequest } from "@pod-secrets/core";

export function missingPart({ group, key }: SecretRequest): Injection | undefined {
  if (group === "") return skipped("the group is missing", ERRORS.E_GROUP_REQUIRED.fix);
  if (key === "") return skipped("the key is missing", ERRORS.E_KEY_REQUIRED.fix);
  return undefined;
}
