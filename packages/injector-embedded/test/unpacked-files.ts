import type { Pod } from "@pod-secrets/core";

/** Paths of the files that the unpacker will write, where the task's containers see them. */
export function unpackedFiles({ spec }: Pod): readonly string[] {
  const unpacker = spec?.initContainers?.find(({ name }) => name === "init-embedded-secret");
  const directory = unpacker?.volumeMounts?.find(({ name }) => name === "embedded-secret-vol")?.mountPath ?? "";
  return (unpacker?.env ?? []).flatMap(({ name, value = "" }) =>
    /^SECRETS(_[0-9]+)?$/.test(name) ? [`${directory}/${value.slice(0, value.indexOf("="))}`] : [],
  );
}
