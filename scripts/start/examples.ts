/** The example pods, each with what its comments say of it. */
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";

import { readDocuments, type DocumentRead } from "../../apps/webhook/src/cli/input/documents-in.ts";
import type { YamlSource } from "../../apps/webhook/src/cli/input/kubernetes-yaml.ts";
import type { Pod, SecretRequest } from "../../packages/core/src/index.ts";

export interface Example {
  /** Name of its file. */
  readonly name: string;
  /** The first paragraph of its comments. */
  readonly title: string;
  readonly pod: Pod;
  readonly yaml: YamlSource;
  /** In the order of the secrets. */
  readonly secrets: readonly ExpectedSecret[];
}

/** One line of the comments: `flyte.secrets/s0 = group: "a" key: "b" -> k8s`. */
export interface ExpectedSecret {
  readonly request: SecretRequest;
  /** Name of the manager that gives it, or `refused CODE`. */
  readonly result: string;
}

/** Reads the examples of a folder, by their names. */
export async function readExamples(folder: string): Promise<readonly Example[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
  return await Promise.all(files.toSorted().map((file) => readExample(join(folder, file))));
}

async function readExample(file: string): Promise<Example> {
  const documents: DocumentRead[] = [];
  for await (const document of readDocuments([file], process)) documents.push(document);
  const [document] = documents;
  if (documents.length !== 1 || document === undefined || document instanceof Error || document.yaml === undefined)
    throw new Error(`${file}: expected one YAML document`, { cause: document });
  const { yaml, value } = document;
  const text = readFileSync(file, "utf8").split("\n");
  const lines = text
    .slice(
      0,
      text.findIndex((line) => !line.startsWith("#")),
    )
    .map((line) => line.slice(1).trim());
  const end = lines.indexOf("");
  return {
    name: basename(file),
    title: lines.slice(0, end).join(" "),
    pod: value,
    yaml,
    secrets: lines.flatMap((line) => readSecret(line) ?? []),
  };
}

function readSecret(line: string): ExpectedSecret | undefined {
  const [, source, text, result] = /^(flyte\.secrets\/\S+) = (.+) -> (.+)$/.exec(line) ?? [];
  if (source === undefined || text === undefined || result === undefined) return undefined;
  const fields = new Map(
    [...text.matchAll(/(\w+): (?:"([^"]*)"|(\w+))/g)].map(([, name, quoted, word]) => [name, quoted ?? word]),
  );
  const request: SecretRequest = {
    source,
    group: fields.get("group") ?? "",
    groupVersion: fields.get("group_version") ?? "",
    key: fields.get("key") ?? "",
    mountRequirement: (fields.get("mount_requirement") ?? "ANY") as SecretRequest["mountRequirement"],
    envVar: fields.get("env_var") ?? "",
  };
  return { request, result };
}
