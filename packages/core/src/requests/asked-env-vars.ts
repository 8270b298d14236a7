/** Env vars that two secrets ask for by name. */
import { SecretError } from "../errors.ts";
import { quoted } from "../printable.ts";
import { describeSource, type SecretRequest } from "../request.ts";

/**
 * Checks that no two different secrets ask for one `env_var`. Where a container has the variable itself the clash does
 * not show, but in a container that joins the pod later it would.
 * @throws SecretError `E_ENV_COLLISION`
 */
export function checkEnvVars(requests: readonly SecretRequest[]): void {
  const owners = new Map<string, SecretRequest>();
  for (const request of requests) {
    if (request.envVar === "") continue;
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
