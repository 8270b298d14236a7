/**
 * What an API server takes as a pod, written a second time from `k8s.io/kubernetes/pkg/apis/core/validation` (1.36), as far
 * as secrets touch it.
 */
import type { Container, EnvVar, Pod, Volume } from "../../src/index.ts";

/** What an API server would refuse. */
export function podFaults(pod: Pod): readonly string[] {
  const { volumes, imagePullSecrets, initContainers, containers } = pod.spec ?? { containers: [] };
  const names = new Set(volumes?.map(({ name }) => name));
  const all = [...(initContainers ?? []), ...containers];
  return [
    ...annotationFaults(pod),
    ...(volumes ?? []).flatMap(volumeFaults),
    ...twice("volume", volumes?.map(({ name }) => name) ?? []),
    ...(imagePullSecrets ?? []).filter(({ name = "a" }) => !isSubdomain(name)).map(({ name }) => `pull secret ${name}`),
    ...all.flatMap((container) => containerFaults(container, names)),
    ...twice(
      "container",
      all.map(({ name }) => name),
    ),
  ];
}

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

function isSubdomain(text: string): boolean {
  return text.length <= 253 && text.split(".").every((part) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(part));
}

/** `ValidateAnnotations`. */
function annotationFaults({ metadata }: Pod): readonly string[] {
  const annotations = Object.entries(metadata?.annotations ?? {});
  const size = annotations.flat().reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
  const wrong = annotations.filter(([key]) => !isQualifiedName(key.toLowerCase()));
  return [...wrong.map(([key]) => `annotation ${key}`), ...(size > 262_144 ? [`annotations of ${size} bytes`] : [])];
}

function isQualifiedName(text: string): boolean {
  const [name = "", prefix, ...more] = text.split("/").toReversed();
  const isName = name.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(name);
  return isName && more.length === 0 && (prefix === undefined || isSubdomain(prefix));
}

/** `validateVolumes`, `validateSecretVolumeSource`, `validateKeyToPath`. */
function volumeFaults({ name, ...sources }: Volume): readonly string[] {
  const faults = Object.keys(sources).length === 1 ? [] : [`sources of volume ${name}`];
  if (!LABEL.test(name)) faults.push(`volume name ${name}`);
  if (sources.secret === undefined) return faults;
  const { secretName = "", items } = sources.secret;
  if (!isSubdomain(secretName)) faults.push(`Secret ${secretName} of volume ${name}`);
  for (const { key, path } of items ?? []) {
    if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key) || key === "." || key.startsWith("..")) faults.push(`key ${key}`);
    if (path === "" || path.startsWith("/") || path.split("/").includes("..")) faults.push(`path ${path}`);
  }
  return [
    ...faults,
    ...twice(
      `file of volume ${name}:`,
      (items ?? []).map(({ path }) => path),
    ),
  ];
}

/** `validateContainers`, `ValidateEnv`, `ValidateVolumeMounts`. */
function containerFaults(
  { name, image, env, volumeMounts }: Container,
  volumes: ReadonlySet<string>,
): readonly string[] {
  const faults: string[] = [];
  if (!LABEL.test(name)) faults.push(`container name ${name}`);
  if (image === undefined || image === "") faults.push(`image of ${name}`);
  faults.push(...(env ?? []).flatMap((entry) => envFaults(entry).map((fault) => `env var of ${name}: ${fault}`)));
  for (const mount of volumeMounts ?? []) {
    if (!volumes.has(mount.name)) faults.push(`volume ${mount.name} of ${name}`);
    if (mount.mountPath === "" || mount.mountPath.includes(":")) faults.push(`mount ${mount.mountPath} of ${name}`);
    if (mount.mountPath.split("/").includes("..")) faults.push(`mount ${mount.mountPath} of ${name}`);
  }
  return [
    ...faults,
    ...twice(
      `mount of ${name}:`,
      (volumeMounts ?? []).map(({ mountPath }) => mountPath),
    ),
  ];
}

/** Names by the rule since 1.32. Older servers take fewer, which is asked of added names only. */
function envFaults({ name, value, valueFrom }: EnvVar): readonly string[] {
  if (!/^[ -<>-~]+$/.test(name)) return [`name ${name}`];
  return (value ?? "") !== "" && valueFrom !== undefined ? [`two sources of ${name}`] : [];
}

function twice(what: string, texts: readonly string[]): readonly string[] {
  return texts.filter((text, index) => texts.indexOf(text) !== index).map((text) => `${what} ${text} twice`);
}
