/** Requests that are not this manager's, whatever its mode. */
import { ERRORS, skipped, type Injection, type SecretRequest } from "@pod-secrets/core";

export function missingPart({ group, key }: SecretRequest): Injection | undefined {
  if (group === "") return skipped("the group is missing", ERRORS.E_GROUP_REQUIRED.fix);
  if (key === "") return skipped("the key is missing", ERRORS.E_KEY_REQUIRED.fix);
  return undefined;
}

/**
 * @param isArn whether group and key are an ARN; anything else is most likely another manager's, and would not be found
 * here as a file either
 */
export function noEnvVar(isArn: boolean): Injection {
  const reason = "secrets of AWS Secrets Manager are files, not env vars";
  return isArn
    ? skipped(reason, "Ask for it as FILE or ANY; env_var then holds the path of the file.")
    : skipped(reason);
}
