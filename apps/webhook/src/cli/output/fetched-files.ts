/** Which files the program that fetches will write, by the parts of its request in a pod (docs/fetch.md, "In parts"). */
import type { Container, PodSpec } from "@pod-secrets/core";

const PART_PREFIX = "POD_SECRETS_FETCH.";

/** Whether an init container is the program that fetches. */
export function isFetching({ env }: Container): boolean {
  return (env ?? []).some(({ name }) => name.startsWith(PART_PREFIX));
}

/** Paths of its files, below the volume. */
export function fetchedFiles(spec: PodSpec | undefined): ReadonlySet<string> {
  const env = (spec?.initContainers ?? []).flatMap((container) => container.env ?? []);
  const parts = env.filter(({ name }) => name.startsWith(PART_PREFIX));
  return new Set(parts.flatMap(({ value }) => pathsIn(value ?? "")));
}

interface Part {
  readonly items?: readonly { readonly files?: readonly { readonly path?: unknown }[] }[];
}

/** A pod may come with anything under that name. */
function pathsIn(text: string): readonly string[] {
  try {
    const { items = [] } = JSON.parse(text) as Part;
    const paths = items.flatMap(({ files = [] }) => files.map(({ path }) => path));
    return paths.filter((path) => typeof path === "string");
  } catch {
    return [];
  }
}
