/**
 * A model of the task side: where flytekit's `SecretsManager` (v1.16.24) looks for a secret, and whether the
 * pod has it there. An env var wins over a file.
 */
import type { Container, EnvVar, Pod, Volume, VolumeMount } from "@pod-secrets/core";

/** What flytekit finds for one secret in one container. */
export type Lookup =
  | { readonly found: "env"; readonly entry: EnvVar }
  | {
      readonly found: "file";
      readonly path: string;
      /**
       * `listed`: the pod's spec says that the file is there. `unknown`: a volume is mounted there, and something
       * that is not in the spec fills it: an init container, a CSI driver.
       */
      readonly content: "listed" | "unknown";
      readonly volume: Volume;
    }
  /** Nothing is mounted there yet: another webhook will do that, and put the file there. */
  | { readonly found: "file"; readonly path: string; readonly content: "announced" }
  /** Why names what was tried. */
  | { readonly found: "nothing"; readonly why: string };

/** What the task gives to `secrets.get(group, key, group_version)`. What is empty is left out. */
export interface LookupNames {
  readonly group: string;
  readonly groupVersion?: string;
  readonly key: string;
}

const ENV_PREFIX = "FLYTE_SECRETS_ENV_PREFIX";
const DEFAULT_DIR = "FLYTE_SECRETS_DEFAULT_DIR";
const FILE_PREFIX = "FLYTE_SECRETS_FILE_PREFIX";

/** Names of the env vars that tell flytekit where to look. */
export const LOOKUP_VARS: readonly string[] = [ENV_PREFIX, DEFAULT_DIR, FILE_PREFIX];

/**
 * Looks a secret up as a task in `container` does: the env var first, then the file.
 * @param announced paths of files that another webhook will bring, with the mount
 */
export function lookUpSecret(
  pod: Pod,
  container: Container,
  names: LookupNames,
  announced: readonly string[] = [],
): Lookup {
  const env = lookUpEnv(container, names);
  if (env.found === "env") return env;
  const file = lookUpFile(pod, container, names, announced);
  if (file.found === "file") return file;
  return { found: "nothing", why: `${whyNot(env)}; ${whyNot(file)}` };
}

/** The first half of the look-up. */
export function lookUpEnv(container: Container, names: LookupNames): Lookup {
  const envName = lookupEnvName(container, names);
  const entry = container.env?.findLast(({ name }) => name === envName);
  if (entry !== undefined) return { found: "env", entry };
  return { found: "nothing", why: `there is no env var ${envName}${ifUntold(container, "name", ENV_PREFIX)}` };
}

/** The second half of the look-up. */
export function lookUpFile(
  pod: Pod,
  container: Container,
  names: LookupNames,
  announced: readonly string[] = [],
): Lookup {
  const path = lookupPath(container, names);
  const mount = mountOf(container, path);
  const noFile = `there is no file ${path}${ifUntold(container, "path", DEFAULT_DIR)}`;
  const nothing = (why: string): Lookup => ({ found: "nothing", why: `${noFile}: ${why}` });
  if (mount === undefined && announced.includes(path)) return { found: "file", path, content: "announced" };
  if (mount === undefined) return nothing("no volume is mounted there");
  const volume = pod.spec?.volumes?.find(({ name }) => name === mount.name);
  if (volume === undefined) return nothing(`volume ${mount.name} is not in the pod`);
  const files = listedFiles(volume);
  if (files === undefined) return { found: "file", path, content: "unknown", volume };
  const file = pathInVolume(mount, path);
  if (!files.has(file)) return nothing(`volume ${mount.name} has no file ${file}`);
  return { found: "file", path, content: "listed", volume };
}

/** The env var that flytekit reads first: `<prefix>GROUP_KEY`. */
export function lookupEnvName(container: Container, names: LookupNames): string {
  const prefix = setting(container, ENV_PREFIX) ?? "_FSEC_";
  return prefix + parts(names).join("_").toUpperCase();
}

/** The file that flytekit reads next: `<dir>/group/<file prefix>key`. */
function lookupPath(container: Container, names: LookupNames): string {
  const directory = setting(container, DEFAULT_DIR) ?? "/etc/secrets";
  const filePrefix = setting(container, FILE_PREFIX) ?? "";
  const segments = parts(names).map((part) => part.toLowerCase());
  const last = segments.pop() ?? "";
  return [directory, ...segments, `${filePrefix}${last}`].join("/");
}

function parts({ group, groupVersion = "", key }: LookupNames): string[] {
  return [group, groupVersion, key].filter((part) => part !== "");
}

function whyNot(lookup: Lookup): string {
  return lookup.found === "nothing" ? lookup.why : "";
}

/** flytekit takes a setting that is empty for one that is not set. */
function setting(container: Container, name: string): string | undefined {
  const value = container.env?.findLast((entry) => entry.name === name)?.value?.trim();
  return value === "" ? undefined : value;
}

/** Where an injector forgets to say where it put the secret, the task looks elsewhere. */
function ifUntold(container: Container, what: string, name: string): string {
  return setting(container, name) === undefined ? `, the ${what} without ${name}` : "";
}

/** The innermost mount over a path. */
function mountOf(container: Container, path: string): VolumeMount | undefined {
  const over = (container.volumeMounts ?? []).filter(({ mountPath }) => isBelow(path, trimSlash(mountPath)));
  return over.toSorted((a, b) => a.mountPath.length - b.mountPath.length).at(-1);
}

function pathInVolume(mount: VolumeMount, path: string): string {
  const inMount = path.slice(trimSlash(mount.mountPath).length + 1);
  return mount.subPath === undefined || mount.subPath === "" ? inMount : `${trimSlash(mount.subPath)}/${inMount}`;
}

/** Files of a volume, where the spec names them one by one. */
function listedFiles(volume: Volume): ReadonlySet<string> | undefined {
  const lists = volume.projected?.sources?.map((source) => itemsOf(source.secret ?? source.configMap)) ?? [
    itemsOf(volume.secret ?? volume.configMap),
  ];
  const items = lists.every((list) => list !== undefined) ? lists.flat() : undefined;
  return items === undefined ? undefined : new Set(items.map(({ path }) => path));
}

interface WithItems {
  readonly items?: readonly { readonly path: string }[] | undefined;
}

function itemsOf(source: WithItems | undefined): readonly { readonly path: string }[] | undefined {
  return source?.items;
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(`${directory}/`);
}

function trimSlash(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}
