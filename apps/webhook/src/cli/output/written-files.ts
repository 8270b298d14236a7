/**
 * Which files an init container will write, as far as it says so: by the parts of the request of the program that
 * fetches (docs/fetch.md, "In parts"), or by the paths in a script, as in those of Flyte for Google Cloud and Azure.
 */
import { isAtOrBelow, type Container, type PodSpec } from "@pod-secrets/core";
import { REQUEST_PART_PREFIX } from "@pod-secrets/secret-fetch/request";

/** Whether it is the program that fetches. */
export function isFetching({ env }: Container): boolean {
  return (env ?? []).some(({ name }) => name.startsWith(REQUEST_PART_PREFIX));
}

/** Paths of all files that init containers say they will write below the mount root. */
export function writtenFiles(spec: PodSpec | undefined, mountRoot: string): ReadonlySet<string> {
  return new Set((spec?.initContainers ?? []).flatMap((container) => filesOf(container, mountRoot)));
}

/** What one of them says; nothing when it leaves that open. */
export function filesOf(container: Container, mountRoot: string): readonly string[] {
  const parts = (container.env ?? []).filter(({ name }) => name.startsWith(REQUEST_PART_PREFIX));
  const fetched = parts.flatMap(({ value }) => pathsIn(value ?? "")).map((path) => `${mountRoot}/${path}`);
  const words = [container.command, container.args].flatMap(textsIn).flatMap((text) => text.split(/[\s=;"']+/));
  const named = words.filter((word) => word.startsWith(`${mountRoot}/`));
  // A script names the directories of a file as well.
  return [...fetched, ...named.filter((path) => !named.some((other) => other !== path && isAtOrBelow(other, path)))];
}

/** Nothing looks at these on the way of a pod, so one that is not from an API server may come with anything there. */
function textsIn(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((entry) => typeof entry === "string") : [];
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
