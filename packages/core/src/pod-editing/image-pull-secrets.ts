/** Image pull secrets of the pod. */
import { SecretError } from "../errors.ts";
import { quoted } from "../printable.ts";
import { isDnsSubdomain } from "../grammar.ts";
import type { Pod } from "../pod.ts";
import { withSpec } from "./containers.ts";

/**
 * Adds an image pull secret at the end, unless the pod lists it.
 * @throws SecretError `E_POD_INVALID` when the name is no valid Secret name
 */
export function addImagePullSecret(pod: Pod, name: string): Pod {
  const { spec } = pod;
  if (!spec) return pod;
  if (!isDnsSubdomain(name)) throw new SecretError("E_POD_INVALID", `${quoted(name)} is no valid Secret name`);
  const existing = spec.imagePullSecrets ?? [];
  if (existing.some((entry) => entry.name === name)) return pod;
  return withSpec(pod, { ...spec, imagePullSecrets: [...existing, { name }] });
}
