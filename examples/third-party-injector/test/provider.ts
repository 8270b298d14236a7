import type { Pod } from "@pod-secrets/core";

/** Files that each SecretProviderClass of the tests has. */
const FILES = ["password", ...Array.from({ length: 100 }, (_, index) => `file-${index}`)];

/** Paths of the files that the driver will put into the volumes of a pod. */
export function filesOf({ spec }: Pod): readonly string[] {
  const volumes = new Set(spec?.volumes?.flatMap(({ name, csi }) => (csi === undefined ? [] : [name])));
  const mounts = spec?.containers.flatMap(({ volumeMounts }) => volumeMounts ?? []) ?? [];
  return mounts
    .filter(({ name }) => volumes.has(name))
    .flatMap(({ mountPath }) => FILES.map((file) => `${mountPath}/${file}`));
}
