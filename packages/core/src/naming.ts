/**
 * Names that the task side computes again to find its secrets (flytekit's `SecretsManager`, v1.16.24):
 * env var `<prefix>GROUP_KEY`, file `<mount root>/<group>/<key>` in lower case.
 */
import { MAX_DNS_LABEL, hasControlCharacters } from "./grammar.ts";
import { SecretError } from "./errors.ts";
import type { EnvVar } from "./pod.ts";
import type { Profile } from "./profile.ts";
import type { SecretRequest } from "./request.ts";
import { goLower, goUpper } from "./letter-case.ts";
import { quoted, utf8Length } from "./printable.ts";
import { decodeBase32, encodeBase32 } from "./requests/base32.ts";
import { utf8Text } from "./requests/byte-text.ts";
import { md5Hex, stableId } from "./digest.ts";

/** Where flytekit looks for files unless told otherwise; Flyte's constant since v0. */
export const MOUNT_ROOT = "/etc/flyte/secrets";

export interface Naming {
  /** Prefix of env vars that hold secrets, such as `_FSEC_`. */
  readonly envPrefix: string;
  /** Directory of secret files in the task's containers, absolute, without a slash at the end. */
  readonly mountRoot: string;
  /** Env vars that tell the task where to look. They are the same objects for all secrets, so that one that is there is seen at a glance. */
  readonly lookup: LookupVars;
  /** The group of a request; under `flyte-v2` the MD5 of the key stands in for an empty one. */
  group(request: SecretRequest): string;
  /** Env var for a request, `UPPER(<prefix><group>_<key>)`. May be no valid env name: `addEnv` checks that. */
  envName(request: SecretRequest): string;
  /**
   * Directory of a group's files, `<mount root>/<lower(group)>`.
   * @throws SecretError `E_PATH_UNSAFE` when it would not stay below the mount root
   */
  directory(request: SecretRequest): string;
  /**
   * File name inside the directory, `lower(key)`; it may have slashes.
   * @throws SecretError `E_PATH_UNSAFE`
   */
  fileName(request: SecretRequest): string;
  /**
   * The file's whole path.
   * @throws SecretError `E_PATH_UNSAFE`
   */
  filePath(request: SecretRequest): string;
}

/** What flytekit's `SecretsConfig` is set by. */
export interface LookupVars {
  readonly envPrefix: EnvVar;
  readonly directory: EnvVar;
  readonly filePrefix: EnvVar;
}

/** Names for a profile; prefix and mount root may differ from its defaults. */
export function createNaming(
  profile: Profile,
  envPrefix: string = profile.envPrefix,
  mountRoot: string = MOUNT_ROOT,
): Naming {
  function group(request: SecretRequest): string {
    if (request.group !== "" || profile.emptyGroup === "keep" || request.key === "") return request.group;
    return md5Hex(request.key);
  }
  function directory(request: SecretRequest): string {
    // Joined and not a template: engines keep a long template as a rope, and every mount is compared with this.
    return [mountRoot, safePath("group", group(request))].join("/");
  }
  function fileName(request: SecretRequest): string {
    return safePath("key", request.key);
  }
  // All admissions share it, and injectors of somebody else see it.
  return Object.freeze({
    envPrefix,
    mountRoot,
    lookup: Object.freeze({
      envPrefix: Object.freeze({ name: "FLYTE_SECRETS_ENV_PREFIX", value: envPrefix }),
      directory: Object.freeze({ name: "FLYTE_SECRETS_DEFAULT_DIR", value: mountRoot }),
      // Go leaves an empty value out of JSON, and so does the API server when it calls again.
      filePrefix: Object.freeze({ name: "FLYTE_SECRETS_FILE_PREFIX" }),
    }),
    group,
    directory,
    fileName,
    envName: (request: SecretRequest) => goUpper(`${envPrefix}${group(request)}_${request.key}`),
    filePath: (request: SecretRequest) => `${directory(request)}/${fileName(request)}`,
  });
}

/**
 * Lower-cases a group or key that becomes part of a path, and refuses what would lead out of it.
 * A slash at the end is dropped, as Go's `filepath.Join` does.
 * @throws SecretError `E_PATH_UNSAFE`
 */
export function safePath(what: "group" | "key" | "name", text: string): string {
  const path = goLower(text.endsWith("/") ? text.slice(0, -1) : text);
  if (path.length > 1024 || hasControlCharacters(path)) throw unsafe(what, text);
  for (const segment of path.split("/")) {
    // Over 255 bytes no file system takes it.
    if (segment === "" || segment === "." || segment === ".." || utf8Length(segment) > 255) throw unsafe(what, text);
  }
  return path;
}

function unsafe(what: string, text: string): SecretError {
  return new SecretError("E_PATH_UNSAFE", `${what} ${quoted(text)} cannot be a path below the secrets directory`);
}

/**
 * Name of the volume for a Kubernetes Secret: Flyte's base32 of `<group>_<version>` where that fits in 63
 * characters, else a short hash of the group.
 */
export function secretVolumeName(group: string, groupVersion: string): string {
  const name = encodeBase32(`${group}_${groupVersion}`);
  return name.length <= MAX_DNS_LABEL ? name : hashedVolumeName(group);
}

/** Whether a volume name is one that {@link secretVolumeName} gives for this group, whatever the version. */
export function isSecretVolumeOf(group: string, volumeName: string): boolean {
  return secretVolumeMatcher(group)({ name: volumeName });
}

interface Named {
  readonly name: string;
}

/** {@link isSecretVolumeOf} for many volumes: a pod may come with thousands, and a hash for each would take seconds. */
export function secretVolumeMatcher(group: string): (volume: Named) => boolean {
  let hashed: string | undefined;
  return (volume) => {
    const { name } = volume;
    if (name.length > MAX_DNS_LABEL) return false;
    if (name.startsWith(HASHED) && name === (hashed ??= hashedVolumeName(group))) return true;
    return inBase32(volume)?.startsWith(`${group}_`) === true;
  };
}

const IN_BASE32 = new WeakMap<Named, { readonly name: string; readonly text: string | undefined }>();

/** What the name of a volume says in base32, if anything. Every secret asks it of every volume. */
function inBase32(volume: Named): string | undefined {
  const { name } = volume;
  let known = IN_BASE32.get(volume);
  if (known?.name !== name) {
    const decoded = decodeBase32(name);
    known = { name, text: typeof decoded === "string" ? utf8Text(decoded) : undefined };
    IN_BASE32.set(volume, known);
  }
  return known.text;
}

const HASHED = "fs-";

function hashedVolumeName(group: string): string {
  return HASHED + stableId("secret-volume", group);
}
