/** What a pod asks of its init container `pod-secrets-fetch`: the parts of the request in its env; see docs/fetch.md. */
import { spawnSync } from "node:child_process";
import type { Container, Pod } from "@pod-secrets/core";

const PART = "POD_SECRETS_FETCH.";
const CONTAINER = "pod-secrets-fetch";

/** A request, its parts joined in their order. */
export interface ReadFetchRequest {
  readonly providers: Readonly<Record<string, unknown>>;
  readonly items: readonly ReadFetchItem[];
}

/** One secret, with whatever else the request says of it. */
export interface ReadFetchItem {
  readonly files?: readonly { readonly path: string }[];
}

/** What the program is asked for; nothing in a pod that does not have it. */
export function readFetchRequest(pod: Pod): ReadFetchRequest {
  const parts = (fetcherOf(pod)?.env ?? []).flatMap(({ name, value }) =>
    name.startsWith(PART) ? [JSON.parse(value ?? "") as Partial<ReadFetchRequest>] : [],
  );
  return {
    providers: Object.assign({}, ...parts.map(({ providers }) => providers)) as ReadFetchRequest["providers"],
    items: parts.flatMap(({ items = [] }) => items),
  };
}

/** Paths of the files that the program will bring, where the task's containers see them: for `files` of the suite. */
export function fetchedFiles(pod: Pod): readonly string[] {
  const mounts = (pod.spec?.containers ?? []).flatMap(({ volumeMounts }) => volumeMounts ?? []);
  const directory = mounts.find(({ name }) => name === CONTAINER)?.mountPath ?? "";
  return readFetchRequest(pod).items.flatMap(({ files = [] }) => files.map(({ path }) => `${directory}/${path}`));
}

/**
 * How the program ends with the env of the container, and with nothing else: no identity, and no volume but where this
 * machine has one. A request that it cannot read ends it otherwise than one that it could only not fulfil.
 * @param program the JavaScript or TypeScript file of `pod-secrets-fetch`
 */
export function runFetchProgram(
  pod: Pod,
  program: string,
): { readonly status: number | null; readonly stderr: string } {
  const env = Object.fromEntries((fetcherOf(pod)?.env ?? []).map(({ name, value = "" }) => [name, value]));
  const args = ["--conditions=@pod-secrets/source", program];
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
  return { status, stderr };
}

function fetcherOf({ spec }: Pod): Container | undefined {
  return spec?.initContainers?.find(({ name }) => name === CONTAINER);
}
