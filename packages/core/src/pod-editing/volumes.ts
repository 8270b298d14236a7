/** Volumes of the pod. A volume of the user is never touched. */
import { SecretError } from "../errors.ts";
import { quoted } from "../printable.ts";
import { isDnsLabel } from "../grammar.ts";
import { secretVolumeMatcher, secretVolumeName } from "../naming.ts";
import type { Pod, Volume } from "../pod.ts";
import { withSpec } from "./containers.ts";
import { covers } from "./covers.ts";

/**
 * Adds a volume at the end, unless it is there.
 * @throws SecretError `E_VOLUME_CONFLICT` when the pod has another volume of that name, `E_POD_INVALID` for
 * a name that is no DNS label
 */
export function addVolume(pod: Pod, volume: Volume): Pod {
  const { spec } = pod;
  if (!spec) return pod;
  if (!isDnsLabel(volume.name))
    throw new SecretError("E_POD_INVALID", `${quoted(volume.name)} is no valid volume name`);
  const existing = spec.volumes?.find((candidate) => candidate.name === volume.name);
  if (existing === undefined) return withSpec(pod, { ...spec, volumes: [...(spec.volumes ?? []), volume] });
  if (covers(existing, volume)) return pod;
  throw new SecretError("E_VOLUME_CONFLICT", `the pod has another volume named ${quoted(volume.name)}`);
}

/** One key of a Kubernetes Secret as a file of a volume. */
export interface SecretItem {
  /** Name of the Secret, in the pod's namespace. */
  readonly secretName: string;
  /** Only part of the volume's name. */
  readonly groupVersion: string;
  readonly key: string;
  /** File name inside the volume. */
  readonly path: string;
  /** Whether the pod starts when Secret or key is missing. */
  readonly optional: boolean;
}

/**
 * Adds one key of a Kubernetes Secret to the volume that holds that Secret's keys, which is made for the
 * first of them. A volume that the user made of the same Secret is another one, and stays as it is.
 * @returns the pod and the volume's name
 * @throws SecretError `E_FILE_COLLISION` when another key already is that file, `E_VOLUME_CONFLICT`
 */
export function addSecretItem(pod: Pod, item: SecretItem): { readonly pod: Pod; readonly volumeName: string } {
  const { spec } = pod;
  const volumes = spec?.volumes ?? [];
  const isOurs = secretVolumeMatcher(item.secretName);
  const at = volumes.findIndex((candidate) => holds(candidate, item.secretName) && isOurs(candidate));
  const volume = volumes[at];
  const wanted = { key: item.key, path: item.path };
  if (!spec || volume === undefined) {
    const name = secretVolumeName(item.secretName, item.groupVersion);
    const secret = { secretName: item.secretName, items: [wanted], optional: item.optional };
    return { pod: addVolume(pod, { name, secret }), volumeName: name };
  }
  const items = volume.secret?.items ?? [];
  const same = items.find((existing) => existing.path === item.path);
  if (same?.key === item.key) return { pod, volumeName: volume.name };
  if (same !== undefined) {
    const message = `keys ${quoted(same.key)} and ${quoted(item.key)} of Secret ${quoted(item.secretName)} are one file`;
    throw new SecretError("E_FILE_COLLISION", message);
  }
  const extended: Volume = { ...volume, secret: { ...volume.secret, items: [...items, wanted] } };
  return { pod: withSpec(pod, { ...spec, volumes: volumes.with(at, extended) }), volumeName: volume.name };
}

// A volume without items holds all keys: it is the user's, even under one of our names.
function holds({ secret }: Volume, secretName: string): boolean {
  return secret?.secretName === secretName && Array.isArray(secret.items);
}
