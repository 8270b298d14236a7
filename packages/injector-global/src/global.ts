/**
 * Global secrets: env vars and files of the webhook itself, given as literal env vars. Same pods as Flyte v1.16.8
 * and v2.0 (`global_secrets.go`). Everything is in memory before the first admission.
 */
import {
  addEnv,
  envPrefixVar,
  injected,
  literalEnvValue,
  quoted,
  skipped,
  type EnvVar,
  type Injection,
  type InjectionContext,
  type InjectorHost,
  type SecretInjector,
  type SecretRequest,
} from "@pod-secrets/core";

import { environmentName, readEnvironment, type Environment } from "./environment.ts";
import { isPlainName } from "./global-secret.ts";
import type { GlobalOptions } from "./options.ts";
import { openSecretDirectory } from "./secret-directory.ts";
import type { SecretValue } from "./secret-value.ts";

/**
 * Gives pods the global secrets.
 * @param environment env vars of the webhook, read once
 * @throws SecretError with a code of the plugin's table when the directory cannot be read
 */
export async function createGlobalInjector(
  options: GlobalOptions,
  host: InjectorHost,
  environment: Environment,
): Promise<SecretInjector> {
  const { envPrefix } = options;
  const namespaces = options.namespaces === undefined ? undefined : new Set(options.namespaces);
  const variables = readEnvironment(environment, envPrefix);
  const directory = await openSecretDirectory(options.directory, host);
  const dispose = (): Promise<void> => directory.close();
  host.signal.addEventListener("abort", () => void dispose(), { once: true });
  if (host.signal.aborted) await dispose();

  return {
    name: "global",
    dispose,
    inject(pod, request, context) {
      const unfit = checkRequest(request, context, namespaces);
      if (unfit !== undefined) return unfit;
      const { group, key } = request;
      const variable = environmentName(envPrefix, group, key);
      const file = `${group}/${key}`;
      const secret = variables.get(variable) ?? directory.get(file);
      if (secret === undefined)
        return skipped(`the webhook has neither env var ${quoted(variable)} nor secret file ${quoted(file)}`);
      if (secret.state === "unusable") return skipped(`secret file ${quoted(file)} of the webhook ${secret.reason}`);
      if (request.mountRequirement === "FILE")
        return skipped("global secrets can only be env vars", "Ask for it as ENV_VAR or ANY.");
      return injected(addEnv(pod, context, envVars(request, context, secret.value)));
    },
  };
}

function checkRequest(
  { group, key }: SecretRequest,
  { namespace }: InjectionContext,
  namespaces: ReadonlySet<string> | undefined,
): Injection | undefined {
  // First, so that a pod elsewhere does not learn which secrets there are.
  if (namespaces !== undefined && !namespaces.has(namespace))
    return skipped(`pods of namespace ${quoted(namespace)} get no global secrets`);
  // Without a fix: Google Cloud needs no key, Embedded no group, and global secrets are asked first whatever is meant.
  if (group === "") return skipped("the group is missing");
  if (key === "") return skipped("the key is missing");
  if (!isPlainName(group)) return skipped(`no global secret can have the group ${quoted(group)}`);
  if (!isPlainName(key)) return skipped(`no global secret can have the key ${quoted(key)}`);
  return undefined;
}

/** In Flyte's order: the prefix, the value, and the value under the name that the task wants. */
function envVars(request: SecretRequest, context: InjectionContext, value: SecretValue): readonly EnvVar[] {
  const text = literalEnvValue(value.reveal());
  const vars = [envPrefixVar(context), envVar(context.naming.envName(request), text)];
  if (request.envVar !== "") vars.push(envVar(request.envVar, text));
  return vars;
}

// Go leaves an empty value out of JSON, and so does the API server when it calls again.
function envVar(name: string, value: string): EnvVar {
  return value === "" ? { name } : { name, value };
}
