import type { Pod } from "@pod-secrets/core";

/** How a part of the request is called in the env of the init container `pod-secrets-fetch`; see docs/fetch.md. */
const PART = "POD_SECRETS_FETCH.";
const CONTAINER = "pod-secrets-fetch";

interface Part {
  readonly items?: readonly { readonly files?: readonly { readonly path: string }[] }[];
}

/**
 * Paths of the files that the init container `pod-secrets-fetch` will bring, where the task's containers see them: for
 * `files` of the suite.
 */
export function fetchedFiles({ spec }: Pod): readonly string[] {
  const mounts = (spec?.containers ?? []).flatMap(({ volumeMounts }) => volumeMounts ?? []);
  const directory = mounts.find(({ name }) => name === CONTAINER)?.mountPath ?? "";
  const fetcher = (spec?.initContainers ?? []).find(({ name }) => name === CONTAINER);
  const parts = (fetcher?.env ?? []).flatMap(({ name, value }) => (name.startsWith(PART) ? [value ?? ""] : []));
  return parts.flatMap((text) =>
    ((JSON.parse(text) as Part).items ?? []).flatMap(({ files = [] }) =>
      files.map(({ path }) => `${directory}/${path}`),
    ),
  );
}
