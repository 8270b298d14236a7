/**
 * The request of a container that fetches, as parts in its env: one per store, one per file, and one per secret that is
 * an env var. A secret adds its own, and changes none that is there.
 */
import { SecretError, quoted, stableId, type Container, type EnvVar } from "@pod-secrets/core";
import {
  REQUEST_PART_PREFIX,
  formatRequest,
  type FetchItem,
  type FetchRequest,
  type ProviderUse,
} from "@pod-secrets/secret-fetch/request";

/** A secret that the container fetches. */
export interface FetchedSecret {
  /** What the container's messages call it: one line that the author of the pod knows. The same for the same source. */
  readonly name: string;
  /** The store: a name of its own in the request, a DNS label, and what it is. */
  readonly provider: ProviderUse & { readonly name: string };
  /** Which secret in that store, as the provider's schema has it. */
  readonly source: Readonly<Record<string, unknown>>;
}

/** Folder of the env files. Files of secrets have their paths in lower case, so none is in it. */
const ENV_FOLDER = "ENV";
/** The one key of an env file. */
export const ENV_KEY = "VALUE";

/**
 * The container with what it needs for one file; the same container when it has that.
 * @param path below the volume, as the program takes it
 * @throws SecretError `E_FILE_COLLISION` when another secret is that file, or where it needs a directory;
 * `E_CONTAINER_CONFLICT` when the store has other settings
 */
export function addFile(container: Container, secret: FetchedSecret, path: string): Container {
  const item = itemPart(secret, idOf(path), { files: [{ path }] });
  const added = addParts(container, secret, item, () =>
    collision(`two secrets of this pod want the file ${quoted(path, 160)}`),
  );
  if (added.env?.includes(item) === true) checkFolders(container.env ?? [], path);
  return added;
}

/**
 * The container with what it needs for the env file of a secret, as {@link envFileOf} names it; the same container when
 * it has that.
 * @throws SecretError `E_CONTAINER_CONFLICT` when the store has other settings
 */
export function addEnvFile(container: Container, secret: FetchedSecret): Container {
  const file = envFileOf(secret);
  const item = itemPart(secret, envIdOf(secret), { env: [{ file, key: ENV_KEY }] });
  return addParts(container, secret, item, () => otherSettings(secret.provider.name));
}

/** Path of a secret's env file below the volume: one per secret, whatever the env vars are called that it is in. */
export function envFileOf(secret: FetchedSecret): string {
  return `${ENV_FOLDER}/${envIdOf(secret)}`;
}

function envIdOf({ provider, source }: FetchedSecret): string {
  return stableId(provider.name, JSON.stringify(source));
}

function itemPart({ name, provider, source }: FetchedSecret, id: string, target: Partial<FetchItem>): EnvVar {
  return part(id, { items: [{ name, provider: provider.name, source, ...target }] });
}

/** @param difference to throw when there is another item at that place */
function addParts(
  container: Container,
  { provider }: FetchedSecret,
  item: EnvVar,
  difference: () => SecretError,
): Container {
  const env = container.env ?? [];
  const { name, use, settings } = provider;
  const store = part(name, { providers: { [name]: { use, settings } } });
  const missing: EnvVar[] = [];
  if (!hasPart(env, store, () => otherSettings(name))) missing.push(store);
  if (!hasPart(env, item, difference)) missing.push(item);
  return missing.length === 0 ? container : { ...container, env: [...env, ...missing] };
}

/** The file's path makes the part's name, so what wants the same file is found by it. */
function idOf(path: string): string {
  return stableId(path);
}

function part(id: string, request: Partial<FetchRequest>): EnvVar {
  return { name: REQUEST_PART_PREFIX + id, value: formatRequest(request) };
}

/** @param difference to throw when there is another part of that name */
function hasPart(env: readonly EnvVar[], wanted: EnvVar, difference: () => SecretError): boolean {
  const existing = env.find(({ name }) => name === wanted.name);
  if (existing !== undefined && existing.value !== wanted.value) throw difference();
  return existing !== undefined;
}

function otherSettings(provider: string): SecretError {
  return new SecretError(
    "E_CONTAINER_CONFLICT",
    `the init container that fetches the pod's secrets has other settings for ${quoted(provider)}`,
    "Configure the manager once, and give all replicas of the webhook the same configuration.",
  );
}

/** No file is a directory that another needs. */
function checkFolders(env: readonly EnvVar[], path: string): void {
  const names = path.split("/");
  const folders = new Set(
    names.slice(1).map((_name, at) => REQUEST_PART_PREFIX + idOf(names.slice(0, at + 1).join("/"))),
  );
  // What a file below it has in its part. Text of users cannot look so: there, quotation marks are escaped.
  const below = formatPath(`${path}/`);
  if (!env.some(({ name, value }) => folders.has(name) || value?.includes(below) === true)) return;
  throw collision(`file ${quoted(path, 160)} and a file of another secret of this pod exclude each other`);
}

/** The start of a path, as it stands in a part. */
function formatPath(start: string): string {
  const text = formatRequest({ items: [{ name: "", provider: "", source: {}, files: [{ path: start }] }] });
  return text.slice(text.indexOf('"path":'), text.lastIndexOf('"'));
}

function collision(message: string): SecretError {
  return new SecretError("E_FILE_COLLISION", message);
}
