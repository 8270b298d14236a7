/**
 * The request of the init container, as parts in its env: one per store and one per file. A secret adds its own, and
 * changes none that is there.
 */
import { SecretError, quoted, stableId, type Container, type EnvVar } from "@pod-secrets/core";
import {
  REQUEST_PART_PREFIX,
  formatRequest,
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

/** A file of the volume, and what is in it. */
interface FetchedFile {
  readonly secret: FetchedSecret;
  /** Path below the volume, as the program takes it. */
  readonly path: string;
}

/**
 * The container with what it needs for one file; the same container when it has that.
 * @throws SecretError `E_FILE_COLLISION` when another secret is that file, or where it needs a directory;
 * `E_CONTAINER_CONFLICT` when the store has other settings
 */
export function addFile(container: Container, { secret, path }: FetchedFile): Container {
  const env = container.env ?? [];
  const { name: provider, use, settings } = secret.provider;
  const store = part(provider, { providers: { [provider]: { use, settings } } });
  const item = part(idOf(path), {
    items: [{ name: secret.name, provider, source: secret.source, files: [{ path }] }],
  });
  const missing: EnvVar[] = [];
  if (!hasPart(env, store, () => otherSettings(provider))) missing.push(store);
  if (!hasPart(env, item, () => collision(`two secrets of this pod want the file ${quoted(path, 160)}`))) {
    checkFolders(env, path);
    missing.push(item);
  }
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
