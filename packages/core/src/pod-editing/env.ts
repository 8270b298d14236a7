/** Env vars of all containers. The order and the winner on a clash follow the profile. */
import { isForbiddenEnvName } from "./forbidden-env-names.ts";
import { SecretError } from "../errors.ts";
import { isEnvName, isRelaxedEnvName } from "../grammar.ts";
import type { InjectionContext } from "../injector.ts";
import type { Container, EnvVar, Pod } from "../pod.ts";
import { quoted, utf8Length } from "../printable.ts";
import type { SecretRequest } from "../request.ts";
import { editContainers } from "./containers.ts";
import { originalContainer } from "./original-container.ts";
import { envCollision, isSameEnvVar } from "./same-env-var.ts";

/** Longest `NAME=value` that Linux hands to a program, in bytes with the NUL at its end (`MAX_ARG_STRLEN`, execve(2)). */
const MAX_ENV_STRING = 131_072;

/**
 * Adds env vars to every init container and container, one by one in the given order: under `flyte-v1` each
 * goes to the end and a variable of the user keeps its value; under `flyte-v2` each goes to the start and
 * replaces the user's. Flyte does either without a word; here `context.warn` is told.
 * @throws SecretError `E_ENV_NAME`, `E_ENV_FORBIDDEN`, `E_ENV_VALUE`, or `E_ENV_COLLISION` when another
 * secret already has the name
 */
export function addEnv(pod: Pod, context: InjectionContext, vars: readonly EnvVar[]): Pod {
  for (const entry of vars) {
    checkEnvVar(entry);
    context.claims?.env(entry);
  }
  return editContainers(pod, (container) => {
    let env = container.env ?? NONE;
    for (const entry of vars) env = place(env, entry, container, context);
    return env === (container.env ?? NONE) ? container : { ...container, env };
  });
}

/**
 * Tells the task where its secret files are: `FLYTE_SECRETS_DEFAULT_DIR`, an empty
 * `FLYTE_SECRETS_FILE_PREFIX`, and the file's path in `env_var` when the request names one.
 * @throws SecretError as {@link addEnv}, and `E_PATH_UNSAFE`
 */
export function addFileLookup(pod: Pod, context: InjectionContext, request: SecretRequest): Pod {
  const { naming } = context;
  const vars: EnvVar[] = [naming.lookup.directory, naming.lookup.filePrefix];
  if (request.envVar !== "") vars.push({ name: request.envVar, value: literalEnvValue(naming.filePath(request)) });
  return addEnv(pod, context, vars);
}

/** The env var that tells the task under which prefix its secrets are. */
export function envPrefixVar(context: InjectionContext): EnvVar {
  return context.naming.lookup.envPrefix;
}

/**
 * A literal for `env[].value`. The kubelet expands `$(NAME)` and turns `$$` into `$`, so a value with either
 * has its dollars doubled (k8s.io/kubernetes/third_party/forked/golang/expansion).
 * How long it may be depends on the name, so {@link addEnv} sees to that.
 * @throws SecretError `E_ENV_VALUE` for NUL; the message does not hold the value
 */
export function literalEnvValue(value: string): string {
  if (value.includes("\0")) throw new SecretError("E_ENV_VALUE", "the value holds a NUL byte");
  return value.includes("$$") || value.includes("$(") ? value.replaceAll("$", "$$$$") : value;
}

/** Whether an env var of a container is one that the pod arrived with. */
function isUsersEnvVar(existing: EnvVar, container: Container, context: InjectionContext): boolean {
  return originalContainer(container, context)?.env?.includes(existing) ?? false;
}

const NONE: readonly EnvVar[] = [];

function place(
  env: readonly EnvVar[],
  entry: EnvVar,
  container: Container,
  context: InjectionContext,
): readonly EnvVar[] {
  // Ours, which an earlier secret of this pod brought; two of its name there are not.
  if (env.includes(entry)) return env;
  const existing = lastOfName(env, entry.name);
  const append = context.profile.envPlacement === "append";
  // A list in a list: engines join two lists at once, and look twice at what is none.
  if (existing === undefined) return append ? env.concat([entry]) : [entry, ...env];
  if (isSameEnvVar(existing, entry)) return env;
  if (!isUsersEnvVar(existing, container, context)) throw envCollision(entry.name, existing);
  context.warn?.(ownVarWarning(entry.name, container, append));
  if (append) return env;
  const others = env.filter((other) => other.name !== entry.name || isSameEnvVar(other, entry));
  return lastOfName(others, entry.name) === undefined ? [entry, ...others] : others;
}

function ownVarWarning(name: string, container: Container, stays: boolean): string {
  const variable = `env var ${quoted(name)}`;
  if (!stays) return `in container ${quoted(container.name)} the pod's own ${variable} is replaced`;
  const consequence = name.startsWith("FLYTE_SECRETS_") ? ", so it may not find its secrets" : "";
  return `container ${quoted(container.name)} keeps its own ${variable}${consequence}`;
}

/** A user may have the name twice, and then the container gets the last. */
function lastOfName(env: readonly EnvVar[], name: string): EnvVar | undefined {
  for (let index = env.length - 1; index >= 0; index--) {
    const entry = env[index];
    if (entry !== undefined && isSameText(entry.name, name)) return entry;
  }
  return undefined;
}

/** Names of secrets mostly differ in their length or at their end, which is told without a look at all of them. */
function isSameText(one: string, other: string): boolean {
  const { length } = one;
  return length === other.length && one.charCodeAt(length - 1) === other.charCodeAt(length - 1) && one === other;
}

function checkEnvVar(entry: EnvVar): void {
  const { name } = entry;
  if (!hasValidName(entry)) throw new SecretError("E_ENV_NAME", `${quoted(name)} is no valid env var name`);
  if (isForbiddenEnvName(name)) throw new SecretError("E_ENV_FORBIDDEN", `env var ${name} may not be set by a secret`);
  if (!fitsInMemory(entry))
    throw new SecretError("E_ENV_VALUE", `env var ${quoted(name)} and its value are longer than 128 KiB`);
}

/** Whether every API server that takes the variable takes its name: `fileKeyRef` is there since 1.34, and so are more names. */
export function hasValidName({ name, valueFrom }: EnvVar): boolean {
  return valueFrom?.fileKeyRef ? isRelaxedEnvName(name) : isEnvName(name);
}

/** Whether a program can be started with it. */
function fitsInMemory({ name, value = "" }: EnvVar): boolean {
  const room = MAX_ENV_STRING - name.length - "=\0".length;
  // Most values are short: three bytes per UTF-16 unit is the most there can be.
  if (value.length * 3 <= room) return true;
  // The program gets one dollar for two.
  return utf8Length(value.replaceAll("$$", "$$")) <= room;
}
