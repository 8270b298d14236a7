/**
 * Whether the API server would take what was added. Only additions are looked at: what the user wrote is between the
 * user and the API server.
 */
import { SecretError } from "../errors.ts";
import { isAnnotationKey, isConfigKey, isDnsLabel, isDnsSubdomain } from "../grammar.ts";
import { listChange } from "../list-change.ts";
import { hasValidName } from "../pod-editing/env.ts";
import type { Container, EnvVar, Pod, Volume, VolumeMount } from "../pod.ts";
import { quoted, utf8Length } from "../printable.ts";
import { adoptJson } from "./plain-json.ts";

/** All annotations of an object together, keys and values (k8s.io/apimachinery/pkg/api/validation, `TotalAnnotationSizeLimitB`). */
export const MAX_ANNOTATIONS_BYTES = 262_144;

/**
 * Checks a pod with its secrets against the one that arrived; they may be two separate objects.
 * @throws SecretError `E_POD_INVALID` with the first fault
 */
export function checkPod(before: Pod, after: Pod): void {
  checkAdditions(before, adoptJson(after, before, (fault) => invalid(`the pod has ${fault}`)) as Pod);
}

/**
 * Checks the pod that the pipeline made against the one that arrived, where equal parts are the same objects.
 * @throws SecretError `E_POD_INVALID` with the first fault
 */
export function checkAdditions(before: Pod, after: Pod): void {
  if (before === after) return;
  checkAnnotations(before, after);
  checkVolumes(before, after);
  checkContainers(before, after);
  checkImagePullSecrets(before, after);
}

function checkAnnotations(before: Pod, after: Pod): void {
  const old = before.metadata?.annotations ?? {};
  const annotations = after.metadata?.annotations ?? {};
  if (annotations === old) return;
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    size += key.length + value.length;
    if (!Object.hasOwn(old, key) && !isAnnotationKey(key)) throw invalid(`annotation key ${quoted(key)} is not valid`);
  }
  // A character takes at most three bytes, so most annotations need not be counted exactly.
  if (size * 3 <= MAX_ANNOTATIONS_BYTES) return;
  const bytes = utf8Length(Object.entries(annotations).flat().join(""));
  if (bytes > MAX_ANNOTATIONS_BYTES)
    throw invalid(`the annotations take ${bytes} bytes, and ${MAX_ANNOTATIONS_BYTES} are allowed`);
}

function checkVolumes(before: Pod, after: Pod): void {
  const { added } = listChange(before.spec?.volumes, after.spec?.volumes);
  if (added.length === 0) return;
  const times = countBy(after.spec?.volumes ?? [], nameOf);
  for (const volume of added) {
    checkName("volume", volume.name);
    if (times.get(volume.name) !== 1) throw invalid(`two volumes are named ${quoted(volume.name)}`);
    if (Object.keys(volume).length > 2) throw invalid(`volume ${quoted(volume.name)} has more than one source`);
    checkSecretItems(volume);
  }
}

function checkSecretItems({ name, secret }: Volume): void {
  if (secret === undefined) return;
  const secretName: unknown = secret?.secretName;
  if (!isText(secretName) || !isDnsSubdomain(secretName)) throw invalid(`${shown(secretName)} is no valid Secret name`);
  const paths = new Set<string>();
  for (const { key, path } of listOf(secret.items, `items of volume ${quoted(name)}`)) {
    if (!isText(key) || !isConfigKey(key)) throw invalid(`${shown(key)} is no valid key of a Secret`);
    if (!isText(path) || !isRelativePath(path))
      throw invalid(`${shown(path)} is no valid path in volume ${quoted(name)}`);
    if (paths.has(path)) throw invalid(`volume ${quoted(name)} has two files at ${quoted(path)}`);
    paths.add(path);
  }
}

function checkContainers(before: Pod, after: Pod): void {
  const old = new Map(allContainers(before).map((container) => [container.name, container]));
  const containers = allContainers(after);
  const volumes = new Set(after.spec?.volumes?.map(({ name }) => name));
  for (const container of containers) {
    const original = old.get(container.name);
    if (container === original) continue;
    if (original === undefined) checkName("container", container.name);
    checkContainer(original, container, volumes);
  }
  if (before.spec?.initContainers !== after.spec?.initContainers)
    checkContainerNames(countBy(allContainers(before), nameOf), countBy(containers, nameOf));
}

/** A name that the user gave twice is not looked at. */
function checkContainerNames(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): void {
  for (const [name, times] of after) {
    if (times > 1 && times > (before.get(name) ?? 0)) throw invalid(`two containers are named ${quoted(name)}`);
  }
}

function checkContainer(original: Container | undefined, container: Container, volumes: ReadonlySet<string>): void {
  const where = `in container ${quoted(container.name)}`;
  const env = listOf(container.env, `env ${where}`);
  for (const entry of listChange(original?.env, env).added) checkEnvVar(entry, volumes, where);
  const mounts = listOf(container.volumeMounts, `volumeMounts ${where}`);
  const { added } = listChange(original?.volumeMounts, mounts);
  if (added.length === 0) return;
  const times = countBy(mounts, ({ mountPath }) => mountPath);
  for (const mount of added) {
    checkMount(mount, volumes, where);
    if (times.get(mount.mountPath) !== 1)
      throw invalid(`${where} two volumes are mounted at ${quoted(mount.mountPath, 120)}`);
  }
}

function checkEnvVar(entry: EnvVar, volumes: ReadonlySet<string>, where: string): void {
  const { name, value, valueFrom } = entry;
  if (!isText(name) || !hasValidName(entry)) throw invalid(`${where} env var name ${shown(name)} is not valid`);
  if (value !== undefined && !isText(value))
    throw invalid(`${where} env var ${quoted(name)} has a value that is no text`);
  if ((value ?? "") !== "" && valueFrom !== undefined)
    throw invalid(`${where} env var ${quoted(name)} has both value and valueFrom`);
  const file = valueFrom?.fileKeyRef;
  if (file && !volumes.has(file.volumeName))
    throw invalid(
      `${where} env var ${quoted(name)} names volume ${shown(file.volumeName)}, which the pod does not have`,
    );
}

function checkMount({ name, mountPath }: VolumeMount, volumes: ReadonlySet<string>, where: string): void {
  if (!volumes.has(name)) throw invalid(`${where} a mount names volume ${shown(name)}, which the pod does not have`);
  if (!isText(mountPath) || !isMountPath(mountPath))
    throw invalid(`${where} mount path ${shown(mountPath)} is not valid`);
}

function checkImagePullSecrets(before: Pod, after: Pod): void {
  for (const { name } of listChange(before.spec?.imagePullSecrets, after.spec?.imagePullSecrets).added) {
    if (!isText(name) || !isDnsSubdomain(name))
      throw invalid(`image pull secret ${shown(name)} is no valid Secret name`);
  }
}

function checkName(what: string, name: unknown): void {
  if (!isText(name) || !isDnsLabel(name)) throw invalid(`${what} name ${shown(name)} is not valid`);
}

/** How often each text stands in a list. */
function countBy<T>(list: readonly T[], textOf: (entry: T) => string): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const entry of list) times.set(textOf(entry), (times.get(textOf(entry)) ?? 0) + 1);
  return times;
}

function allContainers({ spec }: Pod): readonly Container[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
}

/** A list of objects that an injector made. */
function listOf<T>(list: readonly T[] | null | undefined, what: string): readonly T[] {
  const entries = list ?? [];
  if (Array.isArray(entries) && entries.every((entry) => typeof entry === "object" && entry !== null)) return entries;
  throw invalid(`${what} is no list of objects`);
}

/** Absolute, below the root, without parts that lead elsewhere; a colon would end the path for the runtime. */
function isMountPath(path: string): boolean {
  return path.startsWith("/") && path.length > 1 && !/[\0:]/.test(path) && !path.split("/").includes("..");
}

function isRelativePath(path: string): boolean {
  return path !== "" && !path.startsWith("/") && !path.includes("\0") && !path.split("/").includes("..");
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function shown(value: unknown): string {
  return isText(value) ? quoted(value) : `of type ${typeof value}`;
}

function invalid(message: string): SecretError {
  return new SecretError("E_POD_INVALID", message);
}
