/**
 * Whether the API server would take what was added. Only additions are looked at: what the user wrote is
 * between the user and the API server.
 */
import { SecretError, quoted } from "../errors.ts";
import { isConfigKey, isDnsLabel, isDnsSubdomain, isEnvName, isQualifiedName } from "../grammar.ts";
import type { Container, Pod, Volume, VolumeMount } from "../pod.ts";

/** All annotations of an object together, keys and values (k8s.io/apimachinery/pkg/api/validation, `TotalAnnotationSizeLimitB`). */
export const MAX_ANNOTATIONS_BYTES = 262_144;

/**
 * Checks the pod that the pipeline made against the one that arrived.
 * @throws SecretError `E_POD_INVALID` with the first fault
 */
export function checkPod(before: Pod, after: Pod): void {
  if (before === after) return;
  checkAnnotations(before, after);
  const volumes = checkVolumes(before, after);
  checkContainerNames(before, after);
  const old = new Set<Container>([...(before.spec?.initContainers ?? []), ...(before.spec?.containers ?? [])]);
  for (const container of [...(after.spec?.initContainers ?? []), ...(after.spec?.containers ?? [])]) {
    if (!old.has(container)) checkContainer(container, volumes);
  }
}

function checkAnnotations(before: Pod, after: Pod): void {
  const annotations = after.metadata?.annotations;
  if (annotations === before.metadata?.annotations || annotations === undefined) return;
  let size = 0;
  const encoder = new TextEncoder();
  for (const [key, value] of Object.entries(annotations)) {
    size += encoder.encode(key).length + encoder.encode(value).length;
    if (!Object.hasOwn(before.metadata?.annotations ?? {}, key) && !isQualifiedName(key))
      throw invalid(`annotation key ${quoted(key)} is not valid`);
  }
  if (size > MAX_ANNOTATIONS_BYTES)
    throw invalid(`the annotations take ${size} bytes, and ${MAX_ANNOTATIONS_BYTES} are allowed`);
}

function checkVolumes(before: Pod, after: Pod): ReadonlySet<string> {
  const names = new Set<string>();
  const old = new Set(before.spec?.volumes);
  for (const volume of after.spec?.volumes ?? []) {
    if (!old.has(volume)) {
      if (!isDnsLabel(volume.name)) throw invalid(`volume name ${quoted(volume.name)} is not valid`);
      if (names.has(volume.name)) throw invalid(`two volumes are named ${quoted(volume.name)}`);
      checkSecretItems(volume);
    }
    names.add(volume.name);
  }
  return names;
}

function checkSecretItems({ name, secret }: Volume): void {
  if (secret === undefined) return;
  if (!isDnsSubdomain(secret.secretName ?? ""))
    throw invalid(`${quoted(secret.secretName ?? "")} is no valid Secret name`);
  const paths = new Set<string>();
  for (const item of secret.items ?? []) {
    if (!isConfigKey(item.key)) throw invalid(`${quoted(item.key)} is no valid key of a Secret`);
    if (!isRelativePath(item.path)) throw invalid(`${quoted(item.path)} is no valid path in volume ${quoted(name)}`);
    if (paths.has(item.path)) throw invalid(`volume ${quoted(name)} has two files at ${quoted(item.path)}`);
    paths.add(item.path);
  }
}

function checkContainerNames(before: Pod, after: Pod): void {
  if (before.spec?.initContainers === after.spec?.initContainers) return;
  const names = new Set<string>();
  for (const { name } of [...(after.spec?.containers ?? []), ...(after.spec?.initContainers ?? [])]) {
    if (names.has(name)) throw invalid(`two containers are named ${quoted(name)}`);
    names.add(name);
  }
}

function checkContainer(container: Container, volumes: ReadonlySet<string>): void {
  const where = `in container ${quoted(container.name)}`;
  if (!isDnsLabel(container.name)) throw invalid(`container name ${quoted(container.name)} is not valid`);
  for (const { name } of container.env ?? []) {
    if (!isEnvName(name)) throw invalid(`${where} env var name ${quoted(name)} is not valid`);
  }
  const paths = new Set<string>();
  for (const mount of container.volumeMounts ?? []) {
    if (!volumes.has(mount.name))
      throw invalid(`${where} a mount names volume ${quoted(mount.name)}, which the pod does not have`);
    if (!isMountPath(mount)) throw invalid(`${where} mount path ${quoted(mount.mountPath)} is not valid`);
    if (paths.has(mount.mountPath))
      throw invalid(`${where} two volumes are mounted at ${quoted(mount.mountPath, 120)}`);
    paths.add(mount.mountPath);
  }
}

function isMountPath({ mountPath }: VolumeMount): boolean {
  return mountPath.startsWith("/") && !mountPath.includes("\0") && !mountPath.split("/").includes("..");
}

function isRelativePath(path: string): boolean {
  return path !== "" && !path.startsWith("/") && !path.split("/").includes("..");
}

function invalid(message: string): SecretError {
  return new SecretError("E_POD_INVALID", message);
}
