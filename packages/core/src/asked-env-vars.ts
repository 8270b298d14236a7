/** Env vars that requests ask for by name. */
import { ERRORS, SecretError } from "./errors.ts";
import type { Naming } from "./naming.ts";
import { quoted } from "./printable.ts";
import { describeSource, type SecretRequest } from "./request.ts";

/** Why no secret may be in the `env_var` of a request: by it the task finds its secrets. */
export function envVarFault(
  { envVar }: SecretRequest,
  { lookup }: Naming,
): { readonly code: "E_ENV_FORBIDDEN"; readonly message: string; readonly fix: string } | undefined {
  if (envVar === "" || Object.values(lookup).every(({ name }) => name !== envVar)) return undefined;
  const message = `env var ${envVar} tells the task where its secrets are, and may not be set by one`;
  return { code: "E_ENV_FORBIDDEN", message, fix: ERRORS.E_ENV_FORBIDDEN.fix };
}

/**
 * Checks that no two different secrets ask for one `env_var`. For those whose values are not known here: an injector
 * that edits containers by itself put them there.
 * @throws SecretError `E_ENV_COLLISION`
 */
export function checkEnvVars(requests: readonly SecretRequest[]): void {
  const owners = new Map<string, SecretRequest>();
  for (const request of requests) {
    const owner = owners.get(request.envVar);
    if (owner === undefined) owners.set(request.envVar, request);
    else if (!isSameSecret(owner, request)) throw collision(owner, request);
  }
}

function isSameSecret(one: SecretRequest, other: SecretRequest): boolean {
  return one.group === other.group && one.groupVersion === other.groupVersion && one.key === other.key;
}

function collision(one: SecretRequest, other: SecretRequest): SecretError {
  const sources = `${describeSource(one.source)} and ${describeSource(other.source)}`;
  return new SecretError("E_ENV_COLLISION", `${sources} both ask for env var ${quoted(one.envVar)}`);
}
